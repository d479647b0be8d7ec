"""What a run leaves behind: result, tables, fields for ParaView, pictures, checkpoint."""
