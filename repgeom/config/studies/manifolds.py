"""Study manifolds: one model, its filters, spectra, manifold capacity over layers and epochs, metamers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from repgeom.config.references import node_faults, unknown
from repgeom.config.section import Count, Name, Nodes, Positive, Section, Seed
from repgeom.config.stimuli import Attacked, Selection
from repgeom.models.nodes import node_names

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration


class Capacity(Section):
    """How manifolds are analysed; every class of a stimulus set is one."""

    margin: Annotated[float, Field(ge=0)] = 0.0
    draws: Count = 300
    k: Literal["auto", "reference"] | int = "auto"
    dim: Literal["prx", "reference"] = "prx"
    seed: Seed = 0


class Further(Section):
    """Manifold analysis of another model (its first seed)."""

    model: Name
    stimuli: Name
    nodes: Nodes


class Direct(Section):
    """Capacity without the assumptions of mean-field theory: by conic projection and by simulation.

    `analyses` names the study's model or further analyses; `epochs` adds epochs of the study's model.
    """

    analyses: Annotated[list[Name], Field(min_length=1)]
    epochs: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list)
    conic_draws: Annotated[int, Field(ge=10)] = 100
    dichotomies: Annotated[int, Field(ge=10)] = 30
    seed: Seed = 0


class Draws(Section):
    """Manifold analysis of random images of each class, as many as in `clouds`: how far it depends on the choice."""

    draws: Annotated[int, Field(ge=2)] = 20
    nodes: Nodes
    seed: Seed = 0


class Metamers(Section):
    """Images synthesised so that a node responds as to the originals."""

    originals: Name
    nodes: Nodes
    held_out: Name
    steps: Count = 100
    learning_rate: Positive = 0.01
    seed: Seed = 0
    starts: Count = 1
    snapshots: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]


class Manifolds(Section):
    """Study 3: filters, spectra, manifold capacity, metamers."""

    model: Name
    clouds: Name
    nodes: Nodes
    epochs: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2)]
    capacity: Capacity = Capacity()
    further: dict[Name, Further] = Field(default_factory=dict)
    direct: Direct
    image_draws: Draws
    first_layer: str
    maps: Name
    spectrum: Name
    spectrum_node: str
    metamers: Metamers
    attacked: Name

    def faults(self, c: "Configuration") -> Iterator[str]:
        """Names that lead nowhere, and epochs that are not kept."""
        key = "studies.manifolds"
        nodes = [*self.nodes, self.spectrum_node, self.first_layer]
        yield from node_faults(c, f"{key}.model", self.model, f"{key}.nodes", nodes)
        for field in ("clouds", "maps", "spectrum", "attacked"):
            yield from unknown(f"{key}.{field}", getattr(self, field), c.stimuli)
        for name, further in self.further.items():
            place = f"{key}.further.{name}"
            yield from node_faults(c, f"{place}.model", further.model, f"{place}.nodes", further.nodes)
            yield from unknown(f"{place}.stimuli", further.stimuli, c.stimuli)
        yield from unknown(f"{key}.metamers.originals", self.metamers.originals, c.stimuli)
        yield from unknown(f"{key}.metamers.held_out", self.metamers.held_out, c.models)
        yield from self._epoch_faults(c, key)
        yield from self._direct_faults(key)
        yield from self._stimulus_faults(c, key)
        for section in ("metamers", "image_draws"):
            yield from self._node_faults(c, f"{key}.{section}.nodes", getattr(self, section).nodes)

    def _epoch_faults(self, c: "Configuration", key: str) -> Iterator[str]:
        model = c.models.get(self.model)
        if model and not model.training:
            yield f"{key}.model: {self.model!r} has imported weights, of one epoch; the study looks at training"
        elif model:
            last = model.training.epochs
            if model.training.keep != "all":
                yield f"models.{self.model}.training.keep: the study looks at every epoch; set it to 'all'"
            for i, epoch in enumerate(self.epochs):
                if epoch > last:
                    yield f"{key}.epochs.{i}: epoch {epoch} is beyond the last one of {self.model!r}, {last}"

    def _direct_faults(self, key: str) -> Iterator[str]:
        for i, name in enumerate(self.direct.analyses):
            yield from unknown(f"{key}.direct.analyses.{i}", name, [self.model, *self.further])
        for i, epoch in enumerate(self.direct.epochs):
            if epoch not in self.epochs:
                yield f"{key}.direct.epochs.{i}: epoch {epoch} is not among {key}.epochs, {self.epochs}"

    def _stimulus_faults(self, c: "Configuration", key: str) -> Iterator[str]:
        clouds, attacked = c.stimuli.get(self.clouds), c.stimuli.get(self.attacked)
        if clouds and not (isinstance(clouds, Selection) and clouds.per_class):
            yield f"{key}.clouds: {self.clouds!r} does not select images per class, of which image_draws draws others"
        if attacked and not (isinstance(attacked, Attacked) and isinstance(attacked.attack.epsilon, float)):
            yield f"{key}.attacked: {self.attacked!r} is not an attacked stimulus set with one epsilon"

    def _node_faults(self, c: "Configuration", key: str, nodes: list[str]) -> Iterator[str]:
        model = c.models.get(self.model)
        known = model and node_names(model.architecture, model.options)
        for i, node in enumerate(nodes):
            if known:
                yield from unknown(f"{key}.{i}", node, known)
