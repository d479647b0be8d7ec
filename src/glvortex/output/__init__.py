"""What a run says, and what it leaves behind.

runs      the run folder: written, kept while a run lasts, resumed, opened again
state     a state as numbers: fields at corners, vertices and points
formats   files for ParaView, gmsh and others
drawing   pictures of states
papers    figures of the papers
reports   tables: for the terminal, for HTML, for pandas and notebooks
sweeps    many states as one result: sweeps, curves, lattices
screen    progress, estimates, the log
"""
