"""The recipe of a cluttered canvas."""

import math
from dataclasses import dataclass, replace
from typing import Self

from repgeom.errors import InputError

N_CELLS_OF_CYCLE = 4
"""Objects cycle through the 2 × 2 positions."""

MIN_OBJECT_SIZE = 4
"""Smallest object in px: a cubic spline with mirrored ends needs four samples."""

Levels = tuple[float, float]


@dataclass(frozen=True)
class ClutterSpec:
    """How canvases are made; the defaults are those of the published study.

    A property of an object (x, y, scale, angle) takes one of two levels, low or high, plus a jitter that
    is uniform in ± the given width. A target is never scrambled, and always the topmost object at its position. It
    is whole as long as it fits: where `overhang` is above 0, a target that is large and far out loses up to so many
    rows or columns of its square at the edge of the canvas (`repgeom.stimuli.clutter.geometry.is_cut` tells which).
    The published recipe cuts none. One of 40 px with centres at 10 ± 1 and 30 ± 1 px and objects of up to 20 px
    cuts a single row or column of about 2 % of its targets. Later neighbours lie over a target's margin where objects
    are larger than the distance between positions less twice the jitter; the published ones just fit.

    Parameters
    ----------
    canvas_size
        Height and width of the canvas in px.
    object_size
        Height and width of the source images in px.
    n_objects
        Objects on a canvas, drawn in order, later ones on top.
    n_candidates
        The target is one of the last `n_candidates` objects, at most four.
    positions, position_jitter
        Centre of an object in px from the upper left corner of the canvas, the same for x and y.
    scales, scale_jitter
        Zoom factor.
    angles, angle_jitter
        Rotation in degrees, counter-clockwise as drawn (``scipy.ndimage.rotate``).
    grid
        Distractors are cut into `grid` × `grid` cells, which are permuted.
    noise
        Whether to jitter. Without noise, positions are exact, and scales and angles lie at the outer ends
        of their ranges (0.8 and 1.6, −35° and 35°), as in the published perturbation stimuli.

    Raises
    ------
    InputError
        If a value is out of range, naming the field.
    """

    canvas_size: int = 100
    object_size: int = 28
    n_objects: int = 8
    n_candidates: int = 4
    positions: Levels = (25.0, 75.0)
    position_jitter: float = 2.5
    scales: Levels = (0.9, 1.5)
    scale_jitter: float = 0.1
    angles: Levels = (-30.0, 30.0)
    angle_jitter: float = 5.0
    grid: int = 3
    noise: bool = True

    def __post_init__(self) -> None:
        _check_counts(self)
        for name, jitter in _LEVELS_AND_JITTERS:
            _check_levels(name, getattr(self, name), jitter, getattr(self, jitter))
        if min(self.positions) < 0 or max(self.positions) > self.canvas_size:
            raise InputError(
                f"clutter: positions {self.positions} lie outside a canvas of {self.canvas_size} px; "
                f"give centres between 0 and {self.canvas_size}"
            )
        _check_sizes(self)

    def without_noise(self) -> Self:
        """The recipe of the perturbation stimuli: the same, without jitter."""
        return replace(self, noise=False)

    @property
    def scale_levels(self) -> Levels:
        """Low and high scale, before jitter."""
        return self.scales if self.noise else _outer(self.scales, self.scale_jitter)

    @property
    def angle_levels(self) -> Levels:
        """Low and high angle in degrees, before jitter."""
        return self.angles if self.noise else _outer(self.angles, self.angle_jitter)

    @property
    def sizes(self) -> range:
        """Every size in px that a once-zoomed object can have, the gap between the levels included."""
        low, high = _outer(self.scales, self.scale_jitter)
        return range(round(self.object_size * low), round(self.object_size * high) + 1)

    @property
    def overhang(self) -> int:
        """By how many px, at most, an object's square reaches beyond the canvas."""
        reach, jitter = self.sizes[-1] / 2, self.position_jitter if self.noise else 0.0
        upper_left = math.floor(self.positions[0] - jitter - reach + 0.5)
        lower_right = math.floor(self.positions[1] + jitter - reach + 0.5) + self.sizes[-1]
        return max(-upper_left, lower_right - self.canvas_size, 0)


_LEVELS_AND_JITTERS = (
    ("positions", "position_jitter"),
    ("scales", "scale_jitter"),
    ("angles", "angle_jitter"),
)
_COUNTS = {"canvas_size": 1, "object_size": MIN_OBJECT_SIZE, "n_objects": 1, "n_candidates": 1, "grid": 2}
_MAX_GRID = 4  # 16! is the largest number of permutations that a float64 still counts


def _outer(levels: Levels, jitter: float) -> Levels:
    return levels[0] - jitter, levels[1] + jitter


def _check_counts(spec: ClutterSpec) -> None:
    for name, least in _COUNTS.items():
        value = getattr(spec, name)
        if not isinstance(value, int) or value < least:
            raise InputError(f"clutter: {name} must be an integer of at least {least}, got {value!r}")
    if spec.n_candidates > min(N_CELLS_OF_CYCLE, spec.n_objects):
        raise InputError(
            f"clutter: n_candidates = {spec.n_candidates} must not exceed n_objects = {spec.n_objects} "
            f"nor {N_CELLS_OF_CYCLE}: an earlier object may be covered by a later one at its position"
        )
    if spec.grid > _MAX_GRID:
        raise InputError(f"clutter: grid must be at most {_MAX_GRID}, got {spec.grid}")


def _check_levels(name: str, levels: Levels, jitter_name: str, jitter: float) -> None:
    if len(levels) != 2 or not all(map(math.isfinite, levels)) or levels[0] >= levels[1]:
        raise InputError(f"clutter: {name} must be two finite numbers, low then high, got {levels!r}")
    if not 0 <= 2 * jitter < levels[1] - levels[0]:
        raise InputError(
            f"clutter: {jitter_name} = {jitter} must be at least 0 and less than half the distance between "
            f"the {name} {levels}: otherwise the levels, which are labels, overlap"
        )


def _check_sizes(spec: ClutterSpec) -> None:
    smallest, least = spec.sizes[0], max(MIN_OBJECT_SIZE, spec.grid)
    if smallest < least:
        raise InputError(
            f"clutter: at scale {spec.scales[0] - spec.scale_jitter:g} an object of {spec.object_size} px "
            f"is {smallest} px wide; choose scales that leave at least {least} px"
        )
