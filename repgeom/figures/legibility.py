"""What is hard to read in a figure: small, hidden or cut-off text, and intervals that end outside their panel."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

SMALLEST = 5.0
"""Points below which letters cannot be read in print."""
AIR = 0.15
"""Share of a line's height, at either side of its letters, that may be shared with another line."""
TOUCHING = 0.5
"""Points by which text may reach over the edge of a panel or of the figure."""
BEYOND = 1e-3
"""Share of a panel's height by which a bar may lie outside."""


class Line(NamedTuple):
    """A line of text as it is drawn: its words, size in points, and the corners (4, 2) of its box in pixels."""

    words: str
    size: float
    corners: np.ndarray


class _Reader(RendererAgg):
    """Draws nothing, but notes where text would be."""

    def __init__(self, figure: Figure):
        width, height = figure.bbox.size
        super().__init__(width, height, figure.dpi)
        self.lines: list[Line] = []

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        across, up = width, height - 2 * AIR * height
        box = np.array([[0, 0], [across, 0], [across, up], [0, up]])
        box[:, 1] += AIR * height - descent
        turn = np.deg2rad(angle)
        turned = box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        place = np.array([x, self.height - y])  # the renderer counts rows from the top
        self.lines.append(Line(s, prop.get_size_in_points(), turned + place))

    def _draw_nothing(self, *args, **kwargs):
        pass

    draw_path = draw_markers = draw_path_collection = draw_quad_mesh = draw_image = draw_mathtext = _draw_nothing


def lines_of_text(figure: Figure) -> list[Line]:
    """All text of a figure, line by line, where it is drawn."""
    reader = _Reader(figure)
    figure.draw(reader)
    return [line for line in reader.lines if line.words.strip()]


def hard_to_read(figure: Figure) -> Iterator[str]:
    """What a reader would stumble over, each in a sentence.

    Parameters
    ----------
    figure : Figure
        Whose layout is done by the first drawing, if it is automatic.
    """
    lines = lines_of_text(figure)
    for words, size in dict.fromkeys((line.words, line.size) for line in lines if line.size < SMALLEST):
        yield f"{words!r} is {size:g} pt high; {SMALLEST:g} pt can be read"
    for a, b in _near(lines):
        if _overlap(a.corners, b.corners):
            yield f"{a.words!r} and {b.words!r} overlap"
    slack = TOUCHING / 72 * figure.dpi
    for line in lines:
        if (line.corners < -slack).any() or (line.corners > figure.bbox.size + slack).any():
            yield f"{line.words!r} reaches beyond the figure"
    for axes in filter(_has_edge, figure.axes):
        for line in lines:
            if _crosses(line.corners, axes.get_window_extent().extents, slack):
                yield f"{line.words!r} reaches over the edge of panel {_name(axes)!r}"
    for axes in figure.axes:
        yield from _cut_off(axes)


def _near(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Pairs of lines that could overlap: the upright boxes around them do."""
    if not lines:
        return
    low, high = (np.array([f(line.corners, axis=0) for line in lines]) for f in (np.min, np.max))
    meet = ((low[:, None] < high) & (low < high[:, None])).all(axis=2)
    for i, j in np.argwhere(np.triu(meet, 1)):
        yield lines[i], lines[j]


def _overlap(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two rectangles (4, 2), turned in any way, share an area: no side separates them."""
    for box in (a, b):
        for side in (box[1] - box[0], box[3] - box[0]):
            on_a, on_b = a @ side, b @ side
            if on_a.max() <= on_b.min() or on_b.max() <= on_a.min():
                return False
    return True


def _has_edge(axes: Axes) -> bool:
    return axes.get_visible() and axes.axison and bool(axes.images or axes.lines or axes.collections)


def _crosses(corners: np.ndarray, extents: np.ndarray, slack: float) -> bool:
    left, bottom, right, top = extents
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    meets = x1 > left + slack and x0 < right - slack and y1 > bottom + slack and y0 < top - slack
    inside = x0 >= left - slack and x1 <= right + slack and y0 >= bottom - slack and y1 <= top + slack
    return meets and not inside


def _cut_off(axes: Axes) -> Iterator[str]:
    """Bars whose ends lie outside the panel, or where a logarithmic axis has no place for them."""
    bars = [c for c in axes.collections if isinstance(c, LineCollection) and c.get_transform() == axes.transData]
    ends = np.array([end for bar in bars for segment in bar.get_segments() for end in segment]).reshape(-1, 2)
    ends = ends[np.isfinite(ends).all(axis=1)]
    for k, (axis, limits) in enumerate(((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))):
        values, limits = ends[:, k], np.array(limits)
        if axis.get_scale() == "log":
            if (values <= 0).any():
                yield f"an interval of panel {_name(axes)!r} reaches 0, which its logarithmic axis cannot show"
            values, limits = np.log(values[values > 0]), np.log(limits)
        slack = BEYOND * np.ptp(limits)
        if len(values) and (values.min() < limits.min() - slack or values.max() > limits.max() + slack):
            yield f"an interval of panel {_name(axes)!r} ends outside it"


def _name(axes: Axes) -> str:
    return " ".join((axes.get_title() or axes.get_ylabel() or axes.get_xlabel() or axes.get_label()).split())
