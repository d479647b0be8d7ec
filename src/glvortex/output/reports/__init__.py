"""What a run found, as tables: for the terminal, for HTML, for pandas and notebooks."""
