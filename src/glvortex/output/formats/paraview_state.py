"""Show this folder in ParaView: order parameter, phase, fields and currents side by side.

    paraview --state=paraview_state.py              or File > Load State in ParaView
    pvpython paraview_state.py --screenshot all.png

The script looks for what lies beside it: `fields.pvd` (a series), or `fields` in one of the formats
that `glvortex export` writes, `vortices` and `outlines`. It needs ParaView alone (tried: 5.13).
"""

import math
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from paraview import simple

simple._DisableFirstRenderCameraReset()
# run with --script, ParaView does not say where this file is: then the working directory counts
FOLDER = Path(globals().get("__file__", "paraview_state.py")).resolve().parent
SIZE = (1800, 1150)  # pixels of all views together
ARROWS = 40  # along the longer side
ROUNDING = 1e-12  # fields below this are zero
RED, BLUE, GREY = (0.84, 0.15, 0.16), (0.12, 0.33, 0.77), (0.35, 0.35, 0.35)
# one turn of the phase: white, blue, black, red, white
TURN = ((0.89, 0.85, 0.89), (0.40, 0.57, 0.76), (0.18, 0.08, 0.21), (0.70, 0.36, 0.31))
MODULUS, SIGNED, LENGTH = "Viridis (matplotlib)", "Cool to Warm", "Inferno (matplotlib)"
VIEWS = (  # field, title, colours, whether it is a vector
    ("order_parameter", "modulus of the order parameter", MODULUS, False),
    ("phase", "phase of the order parameter", None, False),
    ("flux_density", "flux density b / Bc2", SIGNED, False),
    ("supercurrent", "supercurrent mu0 j / (Bc2/xi)", LENGTH, True),
    ("pseudo_gauge", "pseudo-gauge field a~ / (Phi0/2 pi xi)", LENGTH, True),
    ("magnetisation", "magnetisation m / (Bc2/mu0)", SIGNED, False),
)


def opened(name: str) -> Any:
    """Open `name` in whatever format it lies here, None if it does not."""
    for suffix in ("pvd", "vtu", "vtp", "vtkhdf", "xdmf", "bp"):
        path = FOLDER / f"{name}.{suffix}"
        if path.exists():
            if suffix == "bp":  # ParaView would ask which of several readers it should take
                reader = simple.ADIOS2VTXReader(FileName=str(path))
            else:
                reader = simple.OpenDataFile(str(path))
            simple.RenameSource(name, reader)
            reader.UpdatePipeline(times_of(reader)[-1])
            return reader
    return None


def times_of(reader: Any) -> Any:
    """The times of a series in their order; 0 for a single state."""
    found: Any = getattr(reader, "TimestepValues", None) or 0.0
    return sorted(found if hasattr(found, "__len__") else [found])


def make_views(count: int) -> Any:
    """Three columns of views in a layout of their own."""
    layout = simple.CreateLayout("glvortex")
    first = layout.SplitVertical(0, 0.5) if count > 3 else 0
    rows = [first, first + 1] if count > 3 else [first]
    places = []
    for row in rows:
        rest = layout.SplitHorizontal(row, 1 / 3)
        middle = layout.SplitHorizontal(rest + 1, 0.5)
        places += [rest, middle, middle + 1]
    views = []
    for place in places[:count]:
        view = simple.CreateView("RenderView")
        layout.AssignView(place, view)
        views.append(view)
    layout.SetSize(*SIZE)
    return layout, views


def coloured(fields: Any, view: Any, name: str, title: str, preset: Any, vector: bool) -> None:
    """Show a field on the sample."""
    shown = simple.Show(fields, view)
    flat(shown)
    where = "CELLS" if fields.PointData[name] is None else "POINTS"
    simple.ColorBy(shown, (where, name, "Magnitude") if vector else (where, name))
    colours = simple.GetColorTransferFunction(name)
    colours.AutomaticRescaleRangeMode = "Never"
    if name == "phase":  # colours, not phases, are interpolated: these jump by a turn
        shown.InterpolateScalarsBeforeMapping = 0
        steps = [-math.pi + math.pi / 2 * step for step in range(5)]
        colours.ColorSpace = "Lab"
        colours.RGBPoints = [
            number for step, at in enumerate(steps) for number in (at, *TURN[step % 4])
        ]
    else:
        colours.ApplyPreset(preset, True)
        size = largest(fields, where, name, vector)
        size = size if size > ROUNDING else 1.0
        colours.RescaleTransferFunction(-size if preset is SIGNED else 0.0, size)
    bar = simple.GetScalarBar(colours, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleFontSize = bar.LabelFontSize = 13
    bar.TitleColor = bar.LabelColor = [0.0, 0.0, 0.0]
    bar.AddRangeLabels = 0
    bar.Orientation, bar.WindowLocation = "Horizontal", "Lower Center"
    bar.ScalarBarLength, bar.ScalarBarThickness = 0.6, 12
    shown.SetScalarBarVisibility(view, True)


def largest(fields: Any, where: str, name: str, vector: bool) -> float:
    """Largest modulus of a field over all times."""
    found = 0.0
    for time in times_of(fields):
        fields.UpdatePipeline(time)
        data = fields.PointData if where == "POINTS" else fields.CellData
        found = max(found, *map(abs, data[name].GetRange(-1 if vector else 0)))
    return found


def lattice_of(fields: Any) -> tuple[Any, float]:
    """Points on a square lattice with the fields there, and the distance between them."""
    xmin, xmax, ymin, ymax = fields.GetDataInformation().GetBounds()[:4]
    spacing = max(xmax - xmin, ymax - ymin) / ARROWS
    lattice = simple.ResampleToImage(Input=fields)
    counts = [max(2, round(side / spacing)) for side in (xmax - xmin, ymax - ymin)]
    lattice.SamplingDimensions = [*counts, 1]
    simple.RenameSource("lattice of points", lattice)
    lattice.UpdatePipeline(times_of(fields)[-1])
    return lattice, spacing


def arrows(lattice: Any, spacing: float, view: Any, name: str, height: float) -> None:
    """Arrows of a vector on a lattice of points."""
    longest = lattice.PointData[name].GetRange(-1)[1]
    if longest < ROUNDING:
        return
    glyph = simple.Glyph(Input=lattice, GlyphType="2D Glyph")
    glyph.GlyphType.GlyphType = "Arrow"
    glyph.GlyphMode = "All Points"
    glyph.OrientationArray = ["POINTS", name]
    glyph.ScaleArray = ["POINTS", name]
    glyph.ScaleFactor = 1.8 * spacing / longest
    simple.RenameSource(f"arrows of {name}", glyph)
    plain(simple.Show(lifted(glyph, height), view), (1.0, 1.0, 1.0))


def lifted(source: Any, height: float) -> Any:
    """The same above the plane, so that it is not hidden."""
    higher = simple.Transform(Input=source)
    higher.Transform.Translate = [0.0, 0.0, height]
    simple.RenameSource("the same, above the fields", higher)
    return higher


def flat(shown: Any) -> None:
    """Colours as they are, without light and shade."""
    shown.Representation = "Surface"
    shown.Ambient, shown.Diffuse, shown.Specular = 1.0, 0.0, 0.0


def plain(shown: Any, colour: Any) -> None:
    """One colour for all."""
    flat(shown)
    shown.ColorArrayName = [None, ""]
    shown.AmbientColor = shown.DiffuseColor = list(colour)
    shown.LineWidth = 1.5


def disks(vortices: Any, extent: float, filled: int) -> Any:
    """A disk for each vortex, of radius xi or as large as can be seen, or its edge."""
    glyph = simple.Glyph(Input=vortices, GlyphType="2D Glyph")
    glyph.GlyphType.GlyphType = "Circle"
    glyph.GlyphType.Filled = filled
    glyph.GlyphMode = "All Points"
    glyph.OrientationArray = ["POINTS", "No orientation array"]
    glyph.ScaleArray = ["POINTS", "No scale array"]
    glyph.ScaleFactor = max(2.0, 0.02 * extent)
    simple.RenameSource("vortices as disks" if filled else "edges of these disks", glyph)
    return lifted(glyph, 0.003 * extent)


def signed(shown: Any, view: Any) -> None:
    """Red where the flux is along +z, blue where it is along -z."""
    flat(shown)
    simple.ColorBy(shown, ("POINTS", "charge"))
    colours = simple.GetColorTransferFunction("charge")
    colours.AutomaticRescaleRangeMode = "Never"
    colours.RGBPoints = [-1.0, *BLUE, 1.0, *RED]
    shown.SetScalarBarVisibility(view, False)


def go_to_last(fields: Any) -> None:
    """Let ParaView know the steps of a series, and begin with the last."""
    scene = simple.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    scene.AnimationTime = times_of(fields)[-1]


def show_time(fields: Any, view: Any) -> None:
    """Write the value of a series into a view."""
    name = ElementTree.parse(FOLDER / "fields.pvd").getroot()[0].get("name", "step")
    time = simple.AnnotateTimeFilter(Input=fields)
    new = simple.GetParaViewVersion() >= (5, 10)
    time.Format = f"{name} = " + ("{time:g}" if new else "%g")
    shown = simple.Show(time, view)
    shown.Color = [0.0, 0.0, 0.0]


def main() -> None:
    """Lay out all that is here."""
    fields, vortices, outlines = (opened(name) for name in ("fields", "vortices", "outlines"))
    if fields is None:
        raise RuntimeError(f"{FOLDER} has no fields; write them with: glvortex export {FOLDER}")
    go_to_last(fields)
    xmin, xmax, ymin, ymax = fields.GetDataInformation().GetBounds()[:4]
    extent = max(xmax - xmin, ymax - ymin)
    marks = [disks(vortices, extent, filled) for filled in (1, 0)] if vortices else []
    lines = lifted(outlines, 0.002 * extent) if outlines else None
    known = [*fields.PointData.keys(), *fields.CellData.keys()]
    wanted = [view for view in VIEWS if view[0] in known]
    lattice, spacing = lattice_of(fields)
    layout, views = make_views(len(wanted))
    for view, name, title, preset, vector in ((views[i], *row) for i, row in enumerate(wanted)):
        simple.SetActiveView(view)
        view.InteractionMode = "2D"
        view.OrientationAxesVisibility = 0
        view.UseColorPaletteForBackground = 0
        view.Background = [1.0, 1.0, 1.0]
        coloured(fields, view, name, title, preset, vector)
        if vector:
            arrows(lattice, spacing, view, name, 0.001 * extent)
        if lines:
            plain(simple.Show(lines, view), GREY)
        if marks:
            signed(simple.Show(marks[0], view), view)
            plain(simple.Show(marks[1], view), (1.0, 1.0, 1.0))
        view.CameraParallelProjection = 1
        scale = 0.5 * max(1.06 * (xmax - xmin), 1.3 * (ymax - ymin))  # half the view's height
        middle = [(xmin + xmax) / 2, (ymin + ymax) / 2 - 0.13 * scale]
        view.CameraFocalPoint = [*middle, 0.0]
        view.CameraPosition = [*middle, 10.0 * extent]
        view.CameraViewUp = [0.0, 1.0, 0.0]
        view.CameraParallelScale = scale
        if view is not views[0]:
            simple.AddCameraLink(views[0], view, f"{name} with order_parameter")
    if len(times_of(fields)) > 1:
        show_time(fields, views[0])
    simple.SetActiveView(views[0])
    simple.SetActiveSource(fields)
    if "--screenshot" in sys.argv:
        path = sys.argv[sys.argv.index("--screenshot") + 1]
        simple.SaveScreenshot(path, layout, ImageResolution=list(SIZE))
    else:
        simple.RenderAllViews()


main()
