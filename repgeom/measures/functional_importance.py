"""Functional importance of recurrent flow: how much recognition depends on what the flow says about a property.

Source: Thorat, Aldegheri & Kietzmann 2021, arXiv 2111.07898.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from repgeom.errors import InputError
from repgeom.measures.uncertainty import LEVEL, mean_interval

SUMMARIES: dict[str, tuple[str, ...]] = {
    "location": ("x", "y"),
    "orientation": ("orientation",),
    "scale": ("scale",),
    "category": ("category_within", "category_across"),
}
"""Property → the swaps over which it is averaged."""


def functional_importance(original: np.ndarray, perturbed: np.ndarray, control: np.ndarray) -> np.ndarray:
    """(accuracy of the control − accuracy when perturbed) / original accuracy.

    Parameters
    ----------
    original : (n_images,) bool
        Whether each image was recognised without perturbation.
    perturbed, control : (..., n_images) bool
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


def summarise(importance: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Importance per property from importance per swap: location is the mean of x and y, and so on.

    Also holds the difference `category_across_minus_within`: what the domain adds to the category.
    Properties of which a swap is missing are left out.
    """
    found = {
        name: np.mean([importance[swap] for swap in swaps], axis=0)
        for name, swaps in SUMMARIES.items()
        if all(swap in importance for swap in swaps)
    }
    if "category" in found:
        found["category_across_minus_within"] = importance["category_across"] - importance["category_within"]
    return found


class Estimate(NamedTuple):
    """Mean over networks and the ends of its interval, each of the shape of one network's values."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def over_networks(values: np.ndarray, level: float = LEVEL) -> Estimate:
    """Mean of (n_networks, ...) values and its interval by Student's t, networks being the independent draws."""
    return Estimate(*np.apply_along_axis(mean_interval, 0, np.asarray(values, dtype=float), level))


def paired_difference(values: np.ndarray, others: np.ndarray, level: float = LEVEL) -> Estimate:
    """Mean difference of two quantities and its interval, matched by network: row i of both is network i."""
    if np.shape(values) != np.shape(others):
        raise InputError(
            f"values {np.shape(values)} and others {np.shape(others)} cannot be matched; give the same networks "
            "in the same order on the first axis of both"
        )
    return over_networks(np.asarray(values, dtype=float) - np.asarray(others, dtype=float), level)
