"""The look of all figures: sizes of journal columns, fonts; and how one is saved. Colours are in the palette."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from repgeom.figures.palette import CYCLE
from repgeom.store.atomic import atomic_path
from repgeom.store.provenance import NOTEBOOK, Provenance

mpl.use("agg")

MM = 1 / 25.4
COLUMN = 89 * MM
"""Width of one journal column, in inches."""
PAGE = 183 * MM
"""Width of a journal page, in inches."""

STYLE = {
    "font.size": 7,
    "font.family": "sans-serif",
    "text.parse_math": False,  # labels are text, with dollar signs, too
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6,
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
    """Draw everything inside the block in the style of the house."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(width: float = PAGE, height: float = 60 * MM) -> Figure:
    """An empty figure with automatic layout, sizes in inches; belongs to no window."""
    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Figure, *files: str | Path, provenance: Provenance = NOTEBOOK) -> None:
    """Save a figure in every format that the files' endings name (pdf, png, svg).

    The provenance goes into the file's metadata, no date does: the same figure gives the same bytes.
    """
    for file in files:
        ending = Path(file).suffix[1:]
        with atomic_path(file) as partial, house_style():
            figure.savefig(partial, format=ending, metadata=_metadata(ending, provenance.at(file)))


def panel_letter(axes, letter: str) -> None:
    """A bold letter at the upper left of a panel."""
    axes.set_title(letter, loc="left", fontweight="bold", fontsize=8)


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
    found = {
        label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    found = {label: handle for label, handle in found.items() if label not in last} | {
        label: handle for label, handle in last.items() if label in found
    }
    rows = -(-len(found) // columns)
    figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=-(-len(found) // max(rows, 1)))
