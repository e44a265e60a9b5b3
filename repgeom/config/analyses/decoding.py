"""Linear decoding of the stimuli's properties."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from repgeom.config.analyses.base import Analysis
from repgeom.config.datasets import ImageArrays, ImageFolder
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.section import Count, Seed
from repgeom.config.stimuli import Attacked, Perturbed, strengths_of
from repgeom.errors import nearest

CATEGORY = "category"
"""The label column that holds the class of each stimulus."""


class Decoded(Analysis):
    """Decoding by a linear support vector machine, at every node.

    `variables` are label columns of the stimuli: `category` (their class) and whatever else they carry, all of
    them by default. Accuracy is cross-validated in `folds`, drawn with `seed`, unless `fit` is given: then the first
    `fit` stimuli are fitted and the others tested.
    """

    variables: Annotated[list[str], Field(min_length=1)] | None = None
    fit: Count | None = None
    folds: Annotated[int, Field(ge=2)] = 5
    seed: Seed = 0

    def measured(self, network: Network) -> dict[str, dict]:  # noqa: D102
        how = {"fit": self.fit} if self.fit else {"folds": self.folds, "seed": self.seed}
        return {"decoding": how | {"variables": self.variables, "nodes": network.nodes}}

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for name in dict.fromkeys(network.set for network in self.networks(nouns)):
            if not self._have_classes(nouns, name):
                dataset = nouns.dataset_of(name)
                yield (
                    f"{key}.variables: the images of {dataset!r} have no classes to decode; put them into a folder for "
                    "each class, or name columns of a table (docs/own-networks-and-images.md)"
                )
            n = nouns.n_stimuli(name)
            if n is not None and self.fit and self.fit >= n:
                yield f"{key}.fit: {self.fit} of the {n} stimuli of {name!r}; leave some to test"
            if n is not None and not self.fit and self.folds > n:
                yield f"{key}.folds: {self.folds} folds of the {n} stimuli of {name!r}; choose fewer"
            else:
                yield from self._few_faults(key, name, nouns)
            yield from self._column_faults(key, name, nouns.columns(name))

    def _column_faults(self, key: str, stimuli: str, columns: tuple[str, ...] | None) -> Iterator[str]:
        known = None if columns is None else (CATEGORY, *columns)
        for variable in self.variables or [] if known else []:
            if variable not in known:
                yield f"{key}.variables: {stimuli!r} has no label column {variable!r}; {nearest(variable, known)}"

    def _few_faults(self, key: str, name: str, nouns: Nouns) -> Iterator[str]:
        """Too few images of each class, where there is nothing else to decode."""
        images, has_strengths = _behind(nouns, name)
        n, n_classes, columns = nouns.n_stimuli(images), nouns.n_classes_among(images), nouns.columns(images)
        has_more = self._tells_more(nouns, images) if columns is None else bool(columns)
        has_more = has_more or self.variables is not None or (has_strengths and n != 1)
        if n and n_classes and not has_more and n < 2 * max(n_classes, 2):
            yield (
                f"{key}.of: decoding needs two images of each class on average, and of two classes at least, and "
                f"{images!r} holds {n} of {n_classes}; choose more"
            )

    def _tells_more(self, nouns: Nouns, stimuli: str) -> bool:
        """Whether tables and arrays may tell more of images than their class."""
        dataset = nouns.datasets[nouns.dataset_of(stimuli)]
        return isinstance(dataset, ImageArrays) or bool(isinstance(dataset, ImageFolder) and dataset.labels)

    def _have_classes(self, nouns: Nouns, stimuli: str) -> bool:
        """Whether there is something to decode."""
        asks_for_classes = CATEGORY in self.variables if self.variables else not self._tells_more(nouns, stimuli)
        return not asks_for_classes or nouns.n_classes(nouns.dataset_of(stimuli)) != 1


def _behind(nouns: Nouns, stimuli: str) -> tuple[str, bool]:
    """The set of images that a set was made of, and whether it holds them at several strengths."""
    section, has_strengths = nouns.stimuli[stimuli], False
    while isinstance(section, Attacked | Perturbed):
        has_strengths = has_strengths or strengths_of(section) is not None
        stimuli, section = section.of, nouns.stimuli[section.of]
    return stimuli, has_strengths


class Decoding(Decoded):
    """Accuracy of decoding over nodes, or over `time` at every layer of a recurrent network."""

    kind: Literal["decoding"]
    over: Literal["nodes", "time"] = "nodes"

    coloured: ClassVar[bool] = True

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        yield from super().own_faults(key, nouns, siblings)
        if self.over == "time" and len({(network.model, network.epoch) for network in self.networks(nouns)}) > 1:
            yield (
                f"{key}.of: decoding over time is about the networks of one model after one epoch; give others "
                "analyses of their own"
            )


class AuxiliaryDecoding(Decoded):
    """Decoding of location, scale and orientation, averaged over the layers and over the steps of one model."""

    kind: Literal["auxiliary_decoding"]

    one_model: ClassVar[bool] = True
    one_epoch: ClassVar[bool] = True
