"""Problem files: what they may say, how they are read, and the reduced numbers that follow."""
