"""``python3 -m glvortex.micro.report [000|001|002|003|004]``: the table of equations."""

from __future__ import annotations

import sys

from glvortex.errors import ParameterError
from glvortex.micro.equations import equation_table, format_table


def main(arguments: list[str]) -> int:
    """Print the table for one paper or all; 2 and one sentence for a wrong argument."""
    try:
        print(format_table(equation_table(*arguments[:1])))
    except ParameterError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
