"""The run folder: written, kept while a run lasts, resumed, opened again."""
