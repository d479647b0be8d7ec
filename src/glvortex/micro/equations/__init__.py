"""Every numbered equation of 000, 001 and 003, judged: printed value, exact value, deviation."""

from glvortex.micro.equations.table import Equation, Judgement, equation_table, format_table

__all__ = ["Equation", "Judgement", "equation_table", "format_table"]
