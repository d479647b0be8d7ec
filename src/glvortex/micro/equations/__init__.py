"""Every numbered equation of the papers, judged: printed value, exact value, deviation."""

from glvortex.micro.equations.table import Equation, Judgement, equation_table, format_table

__all__ = ["Equation", "Judgement", "equation_table", "format_table"]
