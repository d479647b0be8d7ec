"""Figures of the papers, drawn again."""
