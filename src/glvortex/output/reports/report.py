"""A run as one HTML file: what was asked and found, whether to trust it, how to do it again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from glvortex.output.ranks import on_first_rank, partial, replacing
from glvortex.output.reports import report_parts as parts
from glvortex.output.reports.rows import rows_of
from glvortex.output.reports.tables import coefficients_table, summary_tables
from glvortex.output.state.fields import corner_values
from glvortex.output.state.gather import gather
from glvortex.output.state.gauge import smooth_gauge
from glvortex.problems.schema import ProblemFile
from glvortex.problems.solve import Solution

MOST_CELLS = 2_000_000  # of a mesh that one process draws
_FOLDED = 24  # rows, beyond which a table is folded

# What each table means, by its title.
_MEANING = {
    "States": "Every start was relaxed to a stationary state. It is a certified minimum where no "
    "direction lowers its energy; of these the lowest was kept.",
    "Certificate": "How stationary the kept state is, and the eigenvalues of its Hessian modulo "
    "gauge.",
    "Energy of the kept state": "The free energy per term; the constant that would make the "
    "uniform state zero is not taken off.",
    "Energy of the kept state in the London model": "Condensation energy of the uniform state, "
    "what sources and applied field add to it without vortices, and what the vortices add.",
    "Energy on refined meshes": "The same state on meshes refined uniformly, and what its energy "
    "tends to.",
    "Magnetic moments and flux": "Along z. The gamma current flows in the edge regions; M_n is the "
    "moment of the electrons' spins in the normal state.",
    "Holes and regions": "What each of them holds.",
    "London field without vortices": "A vortex lowers the energy where the field exceeds Hc1, one "
    "of the other sign where it is below -Hc1. London theory proposes, the free energy decides.",
    "Identities": "What every converged state obeys: left side less right side over the size of "
    "the terms, and what rounding, convergence or the mesh allow.",
}


def write_report(path: Path, problem: ProblemFile, solution: Solution, version: str) -> None:
    """Write the report of a run that a version of glvortex has made; collective.

    The state is brought into the gauge of `smooth_gauge`.

    Raises:
        ParameterError: on every rank, where the file cannot be written.
    """
    mesh = solution.mesh_data.mesh

    def check() -> None:  # before pictures are drawn for seconds
        partial(path).touch()
        partial(path).unlink()

    on_first_rank(mesh.comm, check)
    cells = mesh.topology.index_map(mesh.topology.dim).size_global
    fields = None
    if cells < MOST_CELLS:
        smooth_gauge(solution.functional)
        values = corner_values(solution.functional, solution.mesh_data.cell_tags)
        fields = gather(solution.mesh_data, values)

    def write() -> None:
        pictures = [] if fields is None else list(parts.drawn(solution, fields))
        text = _page(problem, solution, version, cells, pictures)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    on_first_rank(mesh.comm, write)


def _page(
    problem: ProblemFile,
    solution: Solution,
    version: str,
    cells: int,
    pictures: Sequence[parts.Picture],
) -> str:
    environment = Environment(
        loader=PackageLoader("glvortex.output.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"typeset": parts.typeset, "slug": parts.slug}
    setup = solution.setup
    first, *others = map(rows_of, summary_tables(solution))
    known = setup.coefficients is not None
    return environment.get_template("report.html.j2").render(
        setup=setup,
        solution=solution,
        version=version,
        cells=cells,
        pictures=pictures,
        tables=[first, *parts.certificates(solution), *others],
        meaning=_MEANING,
        warnings=parts.warnings(solution),
        vortices=parts.vortices(solution),
        coefficients=rows_of(coefficients_table(setup)) if known else None,
        parameters=parts.parameters(problem, setup),
        files=parts.files(problem, setup),
        left_out=parts.left_out(problem),
        folded=_FOLDED,
    )
