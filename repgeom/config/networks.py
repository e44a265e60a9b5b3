"""Which networks an analysis looks at, and what they are shown."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from repgeom.config.nouns import Nouns
from repgeom.config.section import Count, Nodes, Section, Seed
from repgeom.config.stimuli import Canvases, repetition_name
from repgeom.errors import InputError, nearest
from repgeom.models.nodes import chosen_nodes, node_names
from repgeom.store.names import LAST

Names = str | Annotated[list[str], Field(min_length=1)]
"""A name, a pattern such as `net*`, or several of them."""

Epoch = Annotated[int, Field(ge=0)]


class Network(NamedTuple):
    """One network: a model with one of its seeds, at one epoch, shown one stimulus set.

    `stimuli` names the file, which for a further repetition of canvases is not the `set` of the configuration;
    both are empty where nothing is shown, and `model` where it does not matter to whom. `nodes` are names or
    patterns; None stands for all.
    """

    model: str
    seed: int
    epoch: str = LAST
    stimuli: str = ""
    set: str = ""
    repetition: int = 1
    nodes: tuple[str, ...] | None = None


class Of(Section):
    """Networks that an analysis looks at: every `model` shown every set of `stimuli`.

    Models and stimuli are names, patterns (`net*`) or lists of them. `seeds` are the first one of each model, all,
    or some; `epochs` the last one, or some; `nodes` are names or patterns, all that are recorded by default.
    `repetitions` shows as many sets of canvases, each drawn with another seed.
    """

    model: Names | None = None
    stimuli: Names | None = None
    nodes: Nodes | None = None
    seeds: Literal["first", "all"] | Annotated[list[Seed], Field(min_length=1)] = "first"
    epochs: Annotated[list[Epoch], Field(min_length=1)] | None = None
    repetitions: Count = 1

    def networks(self, nouns: Nouns) -> list[Network]:
        """The networks, models before stimuli before seeds before epochs before repetitions."""
        return [
            Network(model, seed, epoch, repetition_name(shown, number) if shown else "", shown, number, self._nodes())
            for model in self._models(nouns)
            for shown in (matching(self.stimuli, nouns.stimuli) if self.stimuli else [""])
            for seed, epoch, number in product(self._seeds(nouns, model), self._epochs(), self._numbers())
        ]

    def faults(self, key: str, nouns: Nouns) -> Iterator[str]:
        """Names and patterns that lead nowhere, and seeds, epochs and nodes that a model lacks."""
        yield from unmatched(f"{key}.model", self.model or [], nouns.models)
        yield from unmatched(f"{key}.stimuli", self.stimuli or [], nouns.stimuli)
        for model in matching(self.model or [], nouns.models):
            yield from self._seed_faults(key, nouns, model)
            yield from self._epoch_faults(key, nouns, model)
            yield from self._node_faults(key, nouns, model)
        for stimuli in matching(self.stimuli or [], nouns.stimuli):
            if self.repetitions > 1 and not isinstance(nouns.stimuli[stimuli], Canvases):
                yield f"{key}.repetitions: {stimuli!r} is one set of images; only canvases have repetitions"

    def _nodes(self) -> tuple[str, ...] | None:
        return tuple(self.nodes) if self.nodes else None

    def _models(self, nouns: Nouns) -> list[str]:
        return matching(self.model, nouns.models) if self.model else [""]

    def _seeds(self, nouns: Nouns, model: str) -> list[int]:
        if not model:
            return [0]
        seeds = nouns.models[model].seeds
        named = {"first": seeds[:1], "all": seeds}
        return named[self.seeds] if isinstance(self.seeds, str) else self.seeds

    def _epochs(self) -> list[str]:
        return [f"epoch{epoch:03d}" for epoch in self.epochs] if self.epochs else [LAST]

    def _numbers(self) -> range:
        return range(1, self.repetitions + 1)

    def _seed_faults(self, key: str, nouns: Nouns, model: str) -> Iterator[str]:
        for seed in self._seeds(nouns, model):
            if seed not in nouns.models[model].seeds:
                yield f"{key}.seeds: model {model!r} has no seed {seed}; it has {nouns.models[model].seeds}"

    def _epoch_faults(self, key: str, nouns: Nouns, model: str) -> Iterator[str]:
        training = nouns.models[model].training
        if self.epochs and training is None:
            yield f"{key}.epochs: {model!r} has imported weights, of one epoch; leave epochs out"
        elif self.epochs:
            for i, epoch in enumerate(self.epochs):
                if epoch > training.epochs:
                    yield f"{key}.epochs.{i}: epoch {epoch} is beyond the last one of {model!r}, {training.epochs}"
            if training.keep != "all" and any(0 < epoch < training.epochs for epoch in self.epochs):
                yield f"models.{model}.training.keep: {key}.epochs looks at epochs in between; set it to 'all'"

    def _node_faults(self, key: str, nouns: Nouns, model: str) -> Iterator[str]:
        """Nodes that are not there, or not recorded; a user's own network is known only once it is tried out."""
        section = nouns.models[model]
        known = node_names(section.architecture, section.options)
        if not known:
            return
        shown = {name: nouns.stimuli[name].nodes for name in matching(self.stimuli or [], nouns.stimuli)}
        told = set()
        for stimuli, said in (shown or {"": None}).items():
            recorded, where = said or section.nodes, f"model {model!r}"
            try:
                available = chosen_nodes(recorded, known, f"stimuli.{stimuli}.nodes: {where}" if said else where)
                if recorded and self.nodes:
                    where += f", of which stimuli.{stimuli} records some," if said else ", which records some,"
                for i, node in enumerate(self.nodes or []):
                    chosen_nodes([node], available, f"{key}.nodes.{i}: {where}")
            except InputError as error:
                told.add(str(error))
        yield from sorted(told)


def matching(names: Names, known: dict) -> list[str]:
    """The known names that are named or matched, each once: in the order named, matches in the order known."""
    patterns = [names] if isinstance(names, str) else names
    return list(dict.fromkeys(name for pattern in patterns for name in known if fnmatchcase(name, pattern)))


def unmatched(key: str, names: Names, known: dict) -> Iterator[str]:
    """A fault for each name or pattern that matches nothing."""
    for name in [names] if isinstance(names, str) else names:
        if not matching(name, known):
            what = "nothing matches" if set(name) & set("*?[") else "no such name"
            yield f"{key}: {what} {name!r}; {nearest(name, known)}"
