"""Which keys of a problem file go with which shape or layout."""

from __future__ import annotations

from collections.abc import Mapping

from glvortex.problems.messages import Key, Source
from glvortex.problems.sections import InclusionLayout, Section
from glvortex.problems.shape_sections import Outlined, SampleOutline

# (needed, also allowed) keys of each choice; keys named in no row always may be given
_POLYGON = {"points", "file", "file_unit", "layers"}
_SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "rectangle": ({"size"}, set()),
    "disk": ({"radius"}, set()),
    "polygon": (set(), _POLYGON),
    "strip": ({"size"}, set()),
    "cell": ({"periods", "flux_quanta"}, {"relax"}),
    "mesh": ({"file"}, {"file_unit", "tags", "tag_array"}),
}
_PLACED_SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "disk": ({"radius"}, {"centre"}),
    "rectangle": ({"size"}, {"centre"}),
    "polygon": (set(), _POLYGON),
    "mesh": ({"tags"}, set()),
}
_DRAWN = ("radius_spread", "charge_spread", "opposite_charge")
_LAYOUTS: dict[str, tuple[set[str], set[str]]] = {
    "square": ({"count", "radius", "edge_width"}, {"spacing"}),
    "triangular": ({"count", "radius", "edge_width"}, {"spacing"}),
    "random": ({"minimum_distance", "radius", "edge_width"}, {"count", "density", "seed", *_DRAWN}),
    "file": ({"file", "edge_width"}, {"file_unit"}),
    "outlines": ({"file", "edge_width"}, {"file_unit", "layers"}),
    "image": (
        {"file", "pixel", "edge_width"},
        {"threshold", "inside", "smoothing", "minimum_area"},
    ),
    "mesh": (set(), set()),
}
_EDGES = {"edge_smoothing", "pseudo_gauge", "potential_step"}  # of inclusions that have some
_LAYOUTS = {layout: (needed, allowed | _EDGES) for layout, (needed, allowed) in _LAYOUTS.items()}
_LAYOUTS["charge-map"] = (
    {"file", "pixel"},
    {"smoothing", "charge", "screening_wavenumber", "pseudo_gauge_step", "magnetic_file"},
)


def check_shape(source: Source, section: Key, part: Outlined) -> None:
    """Demand the keys that a shape needs and refuse those it does not use.

    Raises:
        ParameterError: one sentence with the file, the key and what is allowed.
    """
    table = _SHAPES if isinstance(part, SampleOutline) else _PLACED_SHAPES
    _check_choices(source, section, part, part.shape, table)
    if part.shape == "polygon" and (part.points is None) == (part.file is None):
        raise source.mistake(
            (*section, "points"),
            'is missing (needed with shape = "polygon", or file instead)'
            if part.points is None
            else "and file are given, one of them is wanted",
        )
    for key in ("file_unit", "layers"):
        if part.file is None and getattr(part, key) is not None:
            raise source.mistake((*section, key), "is used only with file")
    if part.file_unit is not None and source.data.get("units", "reduced") == "reduced":
        text = 'does not belong in a file with units = "reduced"; lengths there are in xi'
        raise source.mistake((*section, "file_unit"), text)


def check_inclusions(source: Source, inclusions: InclusionLayout) -> None:
    """Demand the keys that a layout needs and refuse those it does not use.

    Raises:
        ParameterError: one sentence with the file, the key and what is allowed.
    """
    layout = inclusions.layout
    _check_choices(source, ("inclusions",), inclusions, layout, _LAYOUTS)
    if layout == "charge-map":
        reduced = source.data.get("units", "reduced") == "reduced"
        key = "pseudo_gauge_step" if reduced else "charge"
        if getattr(inclusions, key) is None:
            text = 'is missing (needed with layout = "charge-map")'
            raise source.mistake(f"inclusions.{key}", text)
    count = inclusions.count
    if layout in ("square", "triangular"):
        if not (isinstance(count, list) and len(count) == 2):
            raise source.mistake("inclusions.count", f"must be [columns, rows], got {count}")
        if inclusions.spacing is None and count != [1, 1]:
            raise source.mistake("inclusions.spacing", "is missing (needed for several inclusions)")
    if layout == "random":
        if (count is None) == (inclusions.density is None):
            raise source.mistake(
                "inclusions.count", "or inclusions.density must be given, not both"
            )
        if isinstance(count, list):
            raise source.mistake("inclusions.count", f"must be one whole number, got {count}")


def _check_choices(
    source: Source,
    section: Key,
    model: Section,
    choice: str,
    table: Mapping[str, tuple[set[str], set[str]]],
) -> None:
    """Demand the keys that go with a choice and refuse those that go with another."""
    selector = "layout" if section == ("inclusions",) else "shape"
    needed, allowed = table[choice]
    chosen = f'with {selector} = "{choice}"'
    others = set().union(*(a | b for a, b in table.values())) - needed - allowed
    for key in sorted(others & model.model_fields_set):
        raise source.mistake((*section, key), f"is not used {chosen}")
    for key in sorted(needed - model.model_fields_set):
        raise source.mistake((*section, key), f"is missing (needed {chosen})")
