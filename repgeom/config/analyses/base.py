"""What all kinds of analysis have in common."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from repgeom.config.networks import Network, Of
from repgeom.config.nouns import Nouns
from repgeom.config.section import Section


class Analysis(Section):
    """One figure and its table, of any networks that are shown any stimuli.

    Class attributes
    ----------------
    needs_model, shows_stimuli : bool
        Whether `of` must name models, and stimuli.
    one_network : bool
        Whether the figure has room for one network only.
    one_model : bool
        Whether all networks must be seeds of one model.
    one_epoch : bool
        Whether all networks must be looked at after the same number of epochs.
    compares_classes : bool
        Whether it makes sense only for stimuli that have classes.
    fewest, fewest_classes : int
        How many stimuli it must be shown at least, and of how many classes.
    within_classes : bool
        Whether some class must be that of two of them.
    coloured : bool
        Whether the figure tells models apart by their colour.
    page : bool
        Whether an interactive page belongs to it.
    has_figure : bool
        Whether there is a figure; a table alone otherwise.
    tables : tuple of str
        Further tables beside the figure's own: `means` (what is drawn, with its intervals, where the table holds single
        networks), `numbers` (what else is told or tested).
    """

    kind: str
    of: Annotated[list[Of], Field(min_length=1)]
    title: str | None = None

    needs_model: ClassVar[bool] = True
    shows_stimuli: ClassVar[bool] = True
    one_network: ClassVar[bool] = False
    one_model: ClassVar[bool] = False
    one_epoch: ClassVar[bool] = False
    compares_classes: ClassVar[bool] = False
    fewest: ClassVar[int] = 1
    fewest_classes: ClassVar[int] = 1
    within_classes: ClassVar[bool] = False
    coloured: ClassVar[bool] = False
    page: ClassVar[bool] = False
    has_figure: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ()

    def networks(self, nouns: Nouns) -> list[Network]:
        """All networks that are looked at, in the order of the configuration, each once."""
        return list(dict.fromkeys(network for of in self.of for network in of.networks(nouns)))

    def stimulus_sets(self, nouns: Nouns) -> list[str]:
        """All stimulus sets whose images count: those that networks are shown, and what else is compared with."""
        return self._shown(nouns)

    def measured(self, network: Network) -> dict[str, dict]:
        """Tables (or arrays) per network that the figure joins: measure → the options that decide its numbers."""
        return {}

    def drawn(self) -> dict:
        """What else decides the figure and its table."""
        return self.model_dump(mode="json", exclude={"kind", "of"})

    def faults(self, key: str, nouns: Nouns, siblings: Mapping[str, "Analysis"]) -> Iterator[str]:
        """What is wrong with the analysis at `key`; `siblings` are all analyses of its study."""
        faults = [fault for i, of in enumerate(self.of) for fault in of.faults(f"{key}.of.{i}", nouns)]
        faults = faults or [*self._missing_faults(key), *self._network_faults(key, nouns)]
        yield from faults
        if not faults:
            yield from self._label_faults(key, nouns)
            yield from self._class_faults(key, nouns)
            yield from self._count_faults(key, nouns)
            yield from self.own_faults(key, nouns, siblings)

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, "Analysis"]) -> Iterator[str]:
        """What is wrong in the manner of this kind; all names of `of` lead somewhere, and nothing is missing."""
        yield from ()

    def _missing_faults(self, key: str) -> Iterator[str]:
        for i, of in enumerate(self.of):
            if self.needs_model and of.model is None:
                yield f"{key}.of.{i}.model: missing; name the networks to look at"
            if self.shows_stimuli and of.stimuli is None:
                yield f"{key}.of.{i}.stimuli: missing; name what the networks are shown"
            if not self.shows_stimuli and of.stimuli is not None:
                yield f"{key}.of.{i}.stimuli: {self.kind} shows networks nothing; leave it out"

    def _network_faults(self, key: str, nouns: Nouns) -> Iterator[str]:
        networks = self.networks(nouns)
        for (model, *_), times in Counter(network._replace(nodes=None) for network in networks).items():
            if times > 1:
                yield f"{key}.of: {model!r} is there twice with different nodes; name all its nodes in one place"
        if self.one_network and len({(n.model, n.seed, n.set) for n in networks}) > 1:
            yield f"{key}.of: {self.kind} has room for one network; give each an analysis of its own"
        if self.one_model and len({n.model for n in networks}) > 1:
            yield f"{key}.of: {self.kind} is about the networks of one model; give each model an analysis of its own"
        if self.one_epoch and len({n.epoch for n in networks}) > 1:
            yield f"{key}.of: {self.kind} is about one epoch; give each epoch an analysis of its own"

    def _class_faults(self, key: str, nouns: Nouns) -> Iterator[str]:
        """Images without classes, where classes are compared."""
        for name in self._shown(nouns) if self.compares_classes else ():
            dataset = nouns.dataset_of(name)
            if nouns.n_classes(dataset) == 1:
                yield (
                    f"{key}.of: {self.kind} compares classes, and the images of {dataset!r} have none; put them into a "
                    "folder for each class, or name the column of a table (docs/own-networks-and-images.md)"
                )

    def _count_faults(self, key: str, nouns: Nouns) -> Iterator[str]:
        for name in self.counted_sets(nouns):
            if nouns.n_classes(nouns.dataset_of(name)) != 1 or not self.compares_classes:
                yield from self.too_few(key, name, nouns.n_stimuli(name), nouns.n_classes_among(name))

    def counted_sets(self, nouns: Nouns) -> list[str]:
        """Stimulus sets that must hold enough, each once."""
        return self._shown(nouns)

    def _shown(self, nouns: Nouns) -> list[str]:
        return list(dict.fromkeys(network.set for network in self.networks(nouns) if network.set))

    def least(self) -> int:
        """How many stimuli it must be shown at least, as it is set."""
        return self.fewest

    def too_few(self, key: str, name: str, n: int | None, n_classes: int | None) -> Iterator[str]:
        """What is wrong with how many stimuli a set holds, and of how many classes; None where that is not known."""
        if n is not None and n < (least := self.least()):
            yield f"{key}.of: {self.kind} needs at least {least} stimuli, and {name!r} holds only {n}; choose more"
        elif n_classes is not None and n_classes < self.fewest_classes:
            yield f"{key}.of: {self.kind} compares classes, and all stimuli of {name!r} are of one; choose more"
        elif self.within_classes and n is not None and n == n_classes:
            yield f"{key}.of: {self.kind} compares stimuli within a class, and {name!r} holds one of each; choose more"

    def _label_faults(self, key: str, nouns: Nouns) -> Iterator[str]:
        """A figure could not tell things apart that have one label."""
        networks = self.networks(nouns)
        models = {n.model: nouns.model_label(n.model) for n in networks if n.model}
        stimuli = {n.set: nouns.stimuli_label(n.set) for n in networks if n.set}
        for what, labels in (("models", models), ("stimuli", stimuli)):
            for label in (label for label, times in Counter(labels.values()).items() if times > 1):
                names = " and ".join(repr(name) for name, found in labels.items() if found == label)
                yield f"{key}.of: the {what} {names} have the same label, {label!r}; give each one of its own"
