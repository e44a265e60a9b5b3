"""Functional importance of recurrent flow: how much recognition depends on what the flow says about a property.

Source: Thorat, Aldegheri & Kietzmann 2021, arXiv 2111.07898.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from repgeom.errors import InputError

SUMMARIES: dict[str, tuple[str, ...]] = {
    "location": ("x", "y"),
    "orientation": ("orientation",),
    "scale": ("scale",),
    "category": ("category_within", "category_across"),
}
"""Property → the swaps over which it is averaged."""


@dataclass(frozen=True)
class PerturbationOutcome:
    """Whether each image was recognised, with and without perturbation.

    Attributes
    ----------
    swaps, layers, timesteps
        What the first three axes of `perturbed` and `control` stand for.
    modulations
        Layer → of the flow into it.
    original : (n_images,) bool
    perturbed, control : (n_swaps, n_layers, n_timesteps, n_images) bool
        With the flow of the swapped image, and with the shuffled change of flow.
    """

    swaps: tuple[str, ...]
    layers: tuple[str, ...]
    timesteps: tuple[int, ...]
    modulations: Mapping[str, tuple[str, ...]]
    original: np.ndarray
    perturbed: np.ndarray
    control: np.ndarray


def functional_importance(original: np.ndarray, perturbed: np.ndarray, control: np.ndarray) -> np.ndarray:
    """(accuracy of the control − accuracy when perturbed) / original accuracy.

    Parameters
    ----------
    original : (n_images,) bool
        Whether each image was recognised without perturbation.
    perturbed, control : (..., n_images) bool, or float for means of several swaps
        Whether it was with the flow of a swapped image, and with the change of flow shuffled over units.

    Returns
    -------
    (...) float64

    Raises
    ------
    InputError
        Shapes that do not match, or no image that was recognised without perturbation.
    """
    if control.shape != perturbed.shape or perturbed.shape[-1:] != original.shape:
        raise InputError(
            f"original {original.shape}, perturbed {perturbed.shape} and control {control.shape} do not "
            "describe the same images; all need the images on their last axis"
        )
    if not original.any():
        raise InputError("no image was recognised without perturbation, so nothing can be lost; train the network")
    return (control.mean(axis=-1) - perturbed.mean(axis=-1)) / original.mean()


def importance_standard_error(original: np.ndarray, perturbed: np.ndarray, control: np.ndarray) -> np.ndarray:
    """Standard error of the functional importance over images, matched image by image (delta method).

    Parameters and shape of the result as in `functional_importance`, which has checked them.
    """
    importance = functional_importance(original, perturbed, control)
    residual = control.astype(float) - perturbed - importance[..., None] * original
    return residual.std(axis=-1, ddof=1) / np.sqrt(len(original)) / original.mean()


def with_properties(swaps: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Add to single swaps the properties that are means of two: location of x and y, category of within and across.

    Also adds `category_across_minus_within`, what the domain adds to the category: differences of the two swaps.

    Parameters
    ----------
    swaps : dict
        Swap → (perturbed, control), each (..., n_images): whether an image was recognised.

    Returns
    -------
    dict
        The same with further names; properties of which a swap is missing are left out.
    """
    found = {name: tuple(np.asarray(v, dtype=float) for v in values) for name, values in swaps.items()}
    for name, parts in SUMMARIES.items():
        if all(part in swaps for part in parts):
            found[name] = tuple(np.mean([found[part][k] for part in parts], axis=0) for k in (0, 1))
    if "category" in found:
        across, within = found["category_across"], found["category_within"]
        found["category_across_minus_within"] = (across[0] - within[0], across[1] - within[1])
    return found
