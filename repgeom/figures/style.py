"""The look of all figures: sizes of journal columns, fonts; and how one is saved. Colours are in the palette."""

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import ascii_lowercase
from types import MappingProxyType

import matplotlib as mpl
import numpy as np
from fontTools.subset import Options
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.collections import Collection as Collected
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from repgeom.figures.fonts import FAMILY, name_own_fonts
from repgeom.figures.legibility import hard_to_read
from repgeom.figures.palette import CYCLE
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance

mpl.use("agg")
# A PDF says where each letter stands: tables for typesetting are of no use in it, and to cut them to the letters in use
# takes longer than all else.
Options._drop_tables_default = [*Options._drop_tables_default, "GSUB", "GPOS", "GDEF"]
log = logging.getLogger("repgeom")

MM = 1 / 25.4
COLUMN = 85 * MM
"""Width of one journal column, in inches: that of all figures but those that cannot be told in it."""
PAGE = 183 * MM
"""Width of a journal page, in inches."""
LETTER = 0.62
"""Width of a letter, in heights."""
NARROW, RAISED = 30, str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Ratio of the ends of a logarithmic axis up to which ticks between powers of ten are named; digits of exponents."""
NO_LABEL = re.compile(r"_(child|container)\d+$|_nolegend_$")
"""What matplotlib calls an artist, or several that belong together, that nobody has named."""
LEGEND = 6 * MM
"""Height of a legend of one row above a figure."""
LEGEND_SIZE, SAMPLE, KEY = 6.0, 34.0, 3.2 * MM
"""Size of a legend's letters and width of what stands beside a label, in points; height of a row, in inches."""
NEAR, FEW_PIXELS = 40, 1e-3
"""Of 255 levels, by which pixels may differ from what was drawn, and the share of them that may differ by more."""
LONGEST, FEW = 20 * MM, 6
"""Room for the name of a node, and how many of them still lie aslant."""

STYLE = {
    "font.size": 7,
    "font.family": "sans-serif",
    "text.parse_math": False,  # labels are text, with dollar signs, too
    "font.sans-serif": [FAMILY],
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": LEGEND_SIZE,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.0,
    "lines.markersize": 3.5,
    "axes.prop_cycle": mpl.cycler(color=CYCLE),
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.hashsalt": "repgeom",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw everything inside the block in the style of the house, whatever fonts and `matplotlibrc` there are."""
    name_own_fonts()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def new_figure(width: float = COLUMN, height: float = 60 * MM) -> Figure:
    """An empty figure with automatic layout, sizes in inches; belongs to no window."""
    return Figure(figsize=(width, height), layout="constrained")


def new_panels(number: int, height: float, across: int = 2) -> tuple[Figure, list[Axes]]:
    """A figure of one column and so many panels in rows of this height in inches, with `across` beside each other."""
    across = min(number, across)
    rows = -(-number // across)
    figure = new_figure(COLUMN, height * rows + LEGEND)
    grid = figure.subplots(rows, across, squeeze=False).ravel()
    for axes in grid[number:]:
        axes.remove()
    return figure, list(grid[:number])


def save_figure(figure: Figure, *files: str | Path, provenance: Provenance = NOTEBOOK) -> None:
    """Save a figure in every format that the files' endings name (pdf, png, svg); log what is hard to read in it.

    The provenance goes into the file's metadata, no date does: the same figure gives the same bytes.
    """
    with house_style():
        for fault in hard_to_read(figure):
            log.warning("the figure is hard to read: %s", fault)
    figure.set_layout_engine("none")  # places were found above
    settle(figure)
    for file in files:
        ending = Path(file).suffix[1:]
        metadata = _metadata(ending, provenance.at(file))
        with atomic_path(file) as partial, house_style():
            _SAVERS[ending](figure, partial, metadata)


def settle(figure: FigureBase) -> None:
    """Leave out the last digits of where the layout puts parts: they differ from process to process, −0 among them."""
    for part in figure.subfigs:
        part.bbox_relative.set_points(np.round(part.bbox_relative.get_points(), 12) + 0.0)
        settle(part)


def _save_pdf(figure: Figure, file: Path, metadata: Mapping[str, str | None]) -> None:
    """Straight from its canvas: `Figure.savefig` would lay everything out once more."""
    FigureCanvasPdf(figure).print_pdf(file, metadata=metadata)


def _save_svg(figure: Figure, file: Path, metadata: Mapping[str, str | None]) -> None:
    figure.savefig(file, format="svg", metadata=metadata)


def _save_png(figure: Figure, file: Path, metadata: Mapping[str, str]) -> None:
    """Without transparency, and in 256 colours where hardly a pixel then differs by more than `NEAR`."""
    full = _pixels(figure)
    few = full.quantize(dither=Image.Dither.NONE)
    off = np.abs(np.asarray(few.convert("RGB"), np.int16) - np.asarray(full))
    written = PngInfo()
    for name, text in metadata.items():
        written.add_itxt(name, text)
    dpi = (STYLE["savefig.dpi"],) * 2
    (few if np.mean(off > NEAR) <= FEW_PIXELS else full).save(file, "PNG", dpi=dpi, pnginfo=written)


def _pixels(figure: Figure) -> Image.Image:
    shown = figure.dpi
    figure.dpi = STYLE["savefig.dpi"]
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    figure.dpi = shown
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])


_SAVERS = {"pdf": _save_pdf, "png": _save_png, "svg": _save_svg}


def letter_panels(panels: Iterable[Axes], left: float = 4) -> None:
    """A bold letter at the upper left of each panel, `left` points from it, if there are several."""
    panels = list(panels)
    for axes, letter in zip(panels, ascii_lowercase, strict=False) if len(panels) > 1 else ():
        axes.annotate(
            letter, (0, 1), xytext=(-left, 5), xycoords="axes fraction", textcoords="offset points", ha="right",
            va="baseline", fontsize=9, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def fitting(words: str, width: float, size: float) -> str:
    """The end of a name, as much as fits into `width` inches in letters of `size` points."""
    letters = max(3, int(72 * width / (LETTER * size)))
    return words if len(words) <= letters else f"…{words[1 - letters :]}"


def _metadata(ending: str, provenance: Provenance) -> dict:
    text = provenance.to_json()
    if ending == "pdf":
        return {"CreationDate": None, "ModDate": None, "Creator": "repgeom", "Subject": text}
    if ending == "svg":
        return {"Date": None, "Creator": "repgeom", "Description": text}
    return {"Software": "repgeom", "Description": text}


def shared_legend(figure: Figure, columns: int = 4, last: Mapping[str, Artist] = MappingProxyType({})) -> None:
    """One legend above the figure for all that its panels show; each label once.

    Rows hold at most `columns` labels, and about as many each. Labels in `last` stand at the end, where a panel has
    them, with the given sample.
    """
    found = {label: sample for axes in figure.axes for label, sample in labelled(axes).items()}
    found = {label: handle for label, handle in found.items() if label not in last} | {
        label: handle for label, handle in last.items() if label in found
    }
    legend_above(figure, found.values(), found.keys(), columns)


def labelled(axes: Axes) -> dict[str, Artist]:
    """Label → what bears it in a panel, also if it begins with an underscore, which Matplotlib leaves out."""
    kinds = Line2D, Patch, Collected
    artists = [*(artist for artist in axes.get_children() if isinstance(artist, kinds)), *axes.containers]
    labels = ((str(artist.get_label() or ""), artist) for artist in artists)
    return {label: artist for label, artist in labels if label and not NO_LABEL.match(label)}


def legend_above(figure: Figure, samples: Collection[Artist], labels: Collection[str], columns: int = 4) -> None:
    """A legend above a figure, which becomes higher where the legend has several rows."""
    if not samples:
        return
    widest = (LETTER * max(map(len, labels)) * LEGEND_SIZE + SAMPLE) / 72
    columns = max(1, min(columns, int(figure.get_figwidth() / widest)))
    rows = -(-len(samples) // columns)
    figure.set_figheight(figure.get_figheight() + (rows - 1) * KEY)
    figure.legend(samples, labels, loc="outside upper center", ncols=-(-len(samples) // rows))


def plain_powers(axis: Axis) -> None:
    """Name the ticks of a logarithmic axis in plain text: 0.1, 10⁻⁶; between powers of ten where there are few."""

    def some(value: float, _: int) -> str:
        low, high = axis.get_view_interval()
        return _power(value) if high < NARROW * low and f"{value:e}"[0] in "235" else ""

    axis.set_major_formatter(lambda value, _: _power(value))
    axis.set_minor_formatter(some)


def _power(value: float) -> str:
    if 1e-3 <= value < 1e4:
        return f"{value:g}"
    digits, _, exponent = f"{value:.0e}".partition("e")
    power = f"10{str(int(exponent)).translate(RAISED)}"
    return power if digits == "1" else f"{digits}·{power}"


def name_nodes(axes: Axes, nodes: Sequence[str], room: float, size: float = 6.0) -> None:
    """Names of nodes at 0, 1 … below a panel `room` inches wide: all, or every second, third … of many."""
    named = range(0, len(nodes), max(1, int(np.ceil(len(nodes) * 1.3 * size / (72 * room)))))
    names = [fitting(nodes[i], LONGEST, size) for i in named]
    upright = len(nodes) > FEW
    axes.set_xticks(named, names, rotation=90 if upright else 40, ha="center" if upright else "right",
                    rotation_mode="default" if upright else "anchor", fontsize=size)  # fmt: skip
    axes.set_xlim(-0.6, len(nodes) - 0.4)
