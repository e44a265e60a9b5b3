"""The same canvas with one property of its target exchanged, for perturbing recurrent flows."""

from dataclasses import replace
from typing import Literal

import numpy as np

from repgeom.errors import InputError
from repgeom.stimuli.clutter.counter import integers, uniforms
from repgeom.stimuli.clutter.parameters import DRAW_OF_ACROSS, DRAW_OF_WITHIN, ClutterParameters
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import N_CELLS_OF_CYCLE
from repgeom.stimuli.clutter.versions import SWAP_DEFINITIONS, SWAPS, Swap, SwapDefinition


def swap(
    parameters: ClutterParameters, sources: Sources, which: Swap, definition: SwapDefinition = "corrected"
) -> ClutterParameters:
    """Exchange one property of each target and leave everything else, jitters included, as it is.

    x, y
        The target changes places with the object on top at the other level, so that it stays on top and every
        position stays taken.
    orientation, scale
        The target takes the other level. As published, it does so on top of its own level: an already zoomed
        object is zoomed again (0.8 · 1.6 ≈ 1.28 either way), a rotated one is rotated back (to ≈ 0°).
    category_within, category_across
        The target becomes another image, of another category of its domain or of the other domain.

    Raises
    ------
    InputError
        If the name of the swap or of the definition is unknown, or a domain has a single category.
    """
    if which not in SWAPS:
        raise InputError(f"clutter: no swap is called {which!r}; choose one of {', '.join(SWAPS)}")
    if definition not in SWAP_DEFINITIONS:
        raise InputError(
            f"clutter: no definition of swaps is called {definition!r}; choose one of {', '.join(SWAP_DEFINITIONS)}"
        )
    if which in ("x", "y"):
        return _exchange_places(parameters, which)
    if which in ("orientation", "scale"):
        return _other_level(parameters, "angle" if which == "orientation" else "scale", definition)
    return _other_category(parameters, sources, across=which == "category_across")


def _exchange_places(parameters: ClutterParameters, axis: Literal["x", "y"]) -> ClutterParameters:
    levels = {"x": parameters.x_level, "y": parameters.y_level}
    moved = levels.pop(axis)
    (kept,) = levels.values()
    rows, n_objects = np.arange(len(parameters)), moved.shape[1]
    on_top = np.arange(n_objects) >= n_objects - N_CELLS_OF_CYCLE
    same_other_axis = kept == kept[rows, parameters.target][:, None]
    # The two objects on top that share the level of the other axis: the target and its neighbour.
    exchanged = on_top & same_other_axis
    return replace(parameters, **{f"{axis}_level": np.where(exchanged, 1 - moved, moved)})


def _other_level(
    parameters: ClutterParameters, name: Literal["angle", "scale"], definition: SwapDefinition
) -> ClutterParameters:
    level = getattr(parameters, f"{name}_level")
    changes = {f"{name}_level": np.where(parameters.is_target, 1 - level, level)}
    if definition == "as_published":
        prior = getattr(parameters, f"prior_{name}")
        changes[f"prior_{name}"] = np.where(parameters.is_target, getattr(parameters, name), prior)
    return replace(parameters, **changes)


def _other_category(parameters: ClutterParameters, sources: Sources, across: bool) -> ClutterParameters:
    draw = np.array([DRAW_OF_ACROSS if across else DRAW_OF_WITHIN])
    uniform = uniforms(parameters.seed, parameters.ids, draw)[:, 0]
    current = parameters.source[np.arange(len(parameters)), parameters.target]
    other = _from_other_domain if across else _from_other_category
    new = other(sources, current, uniform)[:, None]
    return replace(parameters, source=np.where(parameters.is_target, new, parameters.source))


def _from_other_domain(sources: Sources, current: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    domain = 1 - sources.domain_of(current)
    return sources.domain_starts[domain] + integers(uniform, np.diff(sources.domain_starts)[domain])


def _from_other_category(sources: Sources, current: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Any image of the same domain whose category differs: those before and after a gap in the sorted images."""
    category, domain = sources.categories[current], sources.domain_of(current)
    gap_start, gap_stop = sources.category_starts[category], sources.category_starts[category + 1]
    n_others = np.diff(sources.domain_starts)[domain] - (gap_stop - gap_start)
    if (n_others == 0).any():
        raise InputError(
            f"clutter: domain {domain[n_others == 0][0]} has one category only, so none to swap with; "
            "leave out the swap category_within or add categories"
        )
    rank = sources.domain_starts[domain] + integers(uniform, n_others)
    return sources.by_category[np.where(rank >= gap_start, rank + gap_stop - gap_start, rank)]
