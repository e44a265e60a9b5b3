"""Canvases of a seed by number, with everything that is known about them."""

from dataclasses import asdict

import numpy as np
import torch

from repgeom.stimuli.clutter.parameters import ClutterParameters, clean, draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec
from repgeom.stimuli.clutter.swaps import swap
from repgeom.stimuli.clutter.versions import SwapDefinition, Version
from repgeom.store.stimuli import StimulusSet


def spec_of(recipe: dict, sources: Sources, noise: bool = True) -> ClutterSpec:
    """The recipe of a configuration for the size of the images it is made of."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in recipe.items()}
    return ClutterSpec(**values, object_size=sources.image_size, noise=noise)


def labelled_canvases(
    spec: ClutterSpec, sources: Sources, seed: int, ids: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """Canvases (n, 1, canvas_size, canvas_size) float32 and categories (n,) int64, on the device of the sources."""
    parameters = draw(spec, sources, seed, ids)
    category = target_labels(parameters, sources).category
    return render(parameters, sources)[:, None], torch.from_numpy(category).to(sources.device)


def version_of(
    parameters: ClutterParameters, sources: Sources, version: Version, swaps: SwapDefinition = "corrected"
) -> ClutterParameters:
    """The canvases themselves (`cluttered`), their targets alone (`clean`), or with one property exchanged."""
    if version == "cluttered":
        return parameters
    return clean(parameters) if version == "clean" else swap(parameters, sources, version, swaps)


def canvas_stimuli(
    spec: ClutterSpec, sources: Sources, seed: int, first: int, version: Version, swaps: SwapDefinition
) -> StimulusSet:
    """The first canvases of a seed as stimuli: labelled by category, described by the target's other properties.

    A canvas keeps its id in all versions, and its properties are those of the version that is shown.
    """
    parameters = draw(spec, sources, seed, np.arange(first))
    shown = version_of(parameters, sources, version, swaps)
    descriptors = asdict(target_labels(shown, sources))
    return StimulusSet(
        images=render(shown, sources).cpu().numpy(),
        labels=descriptors.pop("category"),
        ids=parameters.stimulus_ids,
        descriptors=descriptors,
    )
