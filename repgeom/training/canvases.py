"""Canvases, made on the fly, to train and test networks on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from repgeom.stimuli.clutter.canvases import labelled_canvases, spec_of
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec
from repgeom.stimuli.clutter.splits import read_sources
from repgeom.training.classifier import Images, Recipe

VALIDATION_SEED = 0
"""All networks are tested on the same canvases."""


@dataclass(frozen=True)
class Canvases:
    """Cluttered canvases, new ones in every batch: number k of the run is canvas k of the seed.

    Attributes
    ----------
    spec : ClutterSpec
    sources : Sources
    seed : int
        Of the canvases.
    iterations : int
        Batches in an epoch.
    curriculum : float
        Fraction of all iterations in which the number of objects rises from one, the target alone, to that of `spec`
        (Bengio et al. 2009, Curriculum learning, ICML).
    """

    spec: ClutterSpec
    sources: Sources
    seed: int
    iterations: int
    curriculum: float = 0.0

    def n_batches(self, recipe: Recipe) -> int:
        """Batches in an epoch."""
        return self.iterations

    def batches(self, recipe: Recipe, epoch: int) -> Iterator[Images]:
        """The batches of one epoch, counted from 1."""
        first = (epoch - 1) * self.iterations
        for batch in range(first, first + self.iterations):
            ids = np.arange(batch * recipe.batch_size, (batch + 1) * recipe.batch_size)
            spec = self._spec_at(batch / (self.iterations * recipe.epochs))
            yield Images(*labelled_canvases(spec, self.sources, self.seed, ids))

    def _spec_at(self, done: float) -> ClutterSpec:
        """With as many objects as are drawn when this fraction of all iterations is done."""
        if done >= self.curriculum:
            return self.spec
        n = 1 + int((self.spec.n_objects - 1) * done / self.curriculum)
        return replace(self.spec, n_objects=n, n_candidates=min(n, self.spec.n_candidates))


N_TEST = 1000
"""Canvases of the test split on which imported weights are tested."""


def unseen_canvases(files: Sequence[str | Path], canvases: dict, device: torch.device) -> Images:
    """Canvases of the test split, for weights that were trained elsewhere."""
    sources = read_sources(files, "test", canvases["held_out"], device)
    spec = spec_of(canvases["recipe"], sources)
    return Images(*labelled_canvases(spec, sources, VALIDATION_SEED, np.arange(N_TEST)))


def read_canvases(
    files: Sequence[str | Path], canvases: dict, training: dict, seed: int, device: torch.device
) -> tuple[Canvases, Images]:
    """Canvases to train on and canvases to test on.

    Parameters
    ----------
    files
        The dataset files of both domains.
    canvases
        `recipe` and `held_out` of the dataset of canvases.
    training
        The `training` section of the model's configuration.
    seed
        Of the network; its training canvases are its own.
    device
        On which canvases are made.
    """
    sources = read_sources(files, "train", canvases["held_out"], device)
    validation = read_sources(files, "validation", canvases["held_out"], device)
    spec = spec_of(canvases["recipe"], sources)
    test = labelled_canvases(spec, validation, VALIDATION_SEED, np.arange(training["validation"]))
    return Canvases(spec, sources, seed, training["iterations"], training.get("curriculum") or 0.0), Images(*test)
