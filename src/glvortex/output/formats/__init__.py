"""Files for ParaView, gmsh and others, written by all ranks."""
