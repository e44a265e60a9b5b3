"""Everything random about a canvas, and the labels that follow from it."""

import math
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from repgeom.errors import InputError
from repgeom.stimuli.clutter.counter import integers, permutations, uniforms
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import N_CELLS_OF_CYCLE, ClutterSpec

# Addresses of an image's draws. Swaps come first so that the number of objects does not move them.
_DRAW_OF_START, _DRAW_OF_TARGET, DRAW_OF_WITHIN, DRAW_OF_ACROSS, _FIRST_OBJECT_DRAW = range(5)
_OBJECT_DRAWS = 9


@dataclass(frozen=True, eq=False)
class ClutterParameters:
    """What is on n canvases with k objects each, in drawing order.

    Levels are 0 (low) or 1 (high) and index the levels of `spec`; offsets are the jitter on top.

    Parameters
    ----------
    spec, seed
        The recipe and the seed of the draw.
    ids : (n,) int64
        Number of each image under this seed.
    target : (n,) int64
        Which object is the target.
    source : (n, k) int64
        Index into the source images.
    x_level, y_level, scale_level, angle_level : (n, k) int64
    x_offset, y_offset, scale_offset, angle_offset : (n, k) float64
        In px, px, 1 and degrees.
    permutation : (n, k, grid²) int64
        Cell c of a scrambled object shows cell ``permutation[c]``; unused for the target.
    prior_scale, prior_angle : (n, k) float64
        Zoom and rotation that an object went through before its own; 1 and 0 but in swaps as published.
    """

    spec: ClutterSpec
    seed: int
    ids: np.ndarray
    target: np.ndarray
    source: np.ndarray
    x_level: np.ndarray
    y_level: np.ndarray
    scale_level: np.ndarray
    angle_level: np.ndarray
    x_offset: np.ndarray
    y_offset: np.ndarray
    scale_offset: np.ndarray
    angle_offset: np.ndarray
    permutation: np.ndarray
    prior_scale: np.ndarray
    prior_angle: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: slice | np.ndarray) -> Self:
        """Some of the canvases."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("spec", "seed")}
        return replace(self, **{name: array[rows] for name, array in arrays.items()})

    @property
    def stimulus_ids(self) -> np.ndarray:
        """(n,) ASCII names that say which image of which seed a canvas is."""
        return np.array([f"clutter-{self.seed}-{number}" for number in self.ids])

    @property
    def is_target(self) -> np.ndarray:
        """(n, k) bool."""
        return np.arange(self.source.shape[1]) == self.target[:, None]

    @property
    def x(self) -> np.ndarray:
        """(n, k) centres in px."""
        return np.take(self.spec.positions, self.x_level) + self.x_offset

    @property
    def y(self) -> np.ndarray:
        """(n, k) centres in px, from the top."""
        return np.take(self.spec.positions, self.y_level) + self.y_offset

    @property
    def scale(self) -> np.ndarray:
        """(n, k) zoom factors."""
        return np.take(self.spec.scale_levels, self.scale_level) + self.scale_offset

    @property
    def angle(self) -> np.ndarray:
        """(n, k) rotations in degrees."""
        return np.take(self.spec.angle_levels, self.angle_level) + self.angle_offset


@dataclass(frozen=True, eq=False)
class ClutterLabels:
    """What the target of each canvas is; each field is (n,) int64.

    `category` counts through both domains; `domain`, `x`, `y`, `scale` and `orientation` are 0 or 1.
    """

    category: np.ndarray
    domain: np.ndarray
    x: np.ndarray
    y: np.ndarray
    scale: np.ndarray
    orientation: np.ndarray


def draw(spec: ClutterSpec, sources: Sources, seed: int, ids: np.ndarray) -> ClutterParameters:
    """Draw the canvases with the given numbers under a seed.

    The first object of a canvas lies at a random one of the four positions, the others follow in turn; so the
    last four objects, of which one is the target, lie at four different positions, and the position of the
    target tells nothing about how many objects were drawn after it.

    Parameters
    ----------
    seed
        Non-negative, below 2⁶³.
    ids : (n,) int
        Image numbers. Image i of a seed is the same whatever the other numbers are.

    Raises
    ------
    InputError
        If the source images do not have the size in `spec`, or seed or ids are negative or no integers.
    """
    ids = _check_draw(spec, sources, seed, ids)
    start, target = uniforms(seed, ids, np.array([_DRAW_OF_START, _DRAW_OF_TARGET])).T
    objects = _FIRST_OBJECT_DRAW + np.arange(spec.n_objects * _OBJECT_DRAWS)
    uniform = np.moveaxis(uniforms(seed, ids, objects).reshape(len(ids), spec.n_objects, _OBJECT_DRAWS), -1, 0)
    cell = (integers(start, N_CELLS_OF_CYCLE)[:, None] + np.arange(spec.n_objects)) % N_CELLS_OF_CYCLE
    return ClutterParameters(
        spec=spec,
        seed=seed,
        ids=ids,
        target=spec.n_objects - 1 - integers(target, spec.n_candidates),
        source=_draw_source(sources, uniform[0], uniform[1]),
        x_level=cell % 2,
        y_level=cell // 2,
        scale_level=integers(uniform[2], 2),
        angle_level=integers(uniform[3], 2),
        x_offset=_jitter(spec, uniform[4], spec.position_jitter),
        y_offset=_jitter(spec, uniform[5], spec.position_jitter),
        scale_offset=_jitter(spec, uniform[6], spec.scale_jitter),
        angle_offset=_jitter(spec, uniform[7], spec.angle_jitter),
        permutation=_draw_scramble(spec, uniform[8]),
        prior_scale=np.ones(cell.shape),
        prior_angle=np.zeros(cell.shape),
    )


def target_labels(parameters: ClutterParameters, sources: Sources) -> ClutterLabels:
    """The labels of each canvas."""

    def of_target(array: np.ndarray) -> np.ndarray:
        return array[np.arange(len(parameters)), parameters.target]

    source = of_target(parameters.source)
    return ClutterLabels(
        category=sources.categories[source],
        domain=sources.domain_of(source),
        x=of_target(parameters.x_level),
        y=of_target(parameters.y_level),
        scale=of_target(parameters.scale_level),
        orientation=of_target(parameters.angle_level),
    )


def clean(parameters: ClutterParameters) -> ClutterParameters:
    """The same canvases with nothing but the target on them."""
    per_object = {
        f.name: getattr(parameters, f.name)[np.arange(len(parameters)), parameters.target][:, None]
        for f in fields(parameters)
        if f.name not in ("spec", "seed", "ids", "target")
    }
    return replace(parameters, target=np.zeros_like(parameters.target), **per_object)


def _draw_source(sources: Sources, domain: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Either domain with probability ½, then any of its images."""
    domain = integers(domain, 2)
    return sources.domain_starts[domain] + integers(within, np.diff(sources.domain_starts)[domain])


def _jitter(spec: ClutterSpec, uniform: np.ndarray, width: float) -> np.ndarray:
    return (2 * uniform - 1) * (width if spec.noise else 0.0)


def _draw_scramble(spec: ClutterSpec, uniform: np.ndarray) -> np.ndarray:
    """Any permutation of the cells but the identity, which has rank 0."""
    n_cells = spec.grid**2
    return permutations(1 + integers(uniform, math.factorial(n_cells) - 1), n_cells)


def _check_draw(spec: ClutterSpec, sources: Sources, seed: int, ids: np.ndarray) -> np.ndarray:
    if sources.image_size != spec.object_size:
        raise InputError(
            f"clutter: the source images are {sources.image_size} px wide but object_size is "
            f"{spec.object_size}; set object_size = {sources.image_size}"
        )
    if not 0 <= seed < 2**63:
        raise InputError(f"clutter: seed must be at least 0 and below 2**63, got {seed}")
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or (ids.size and ids.min() < 0):
        raise InputError(
            f"clutter: ids must be a vector of non-negative integers, got {ids.dtype} of shape {ids.shape}"
        )
    return ids.astype(np.int64)
