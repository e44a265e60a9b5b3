"""Study robustness: which models and stimuli its figures are drawn from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from repgeom.config.references import node_faults, unknown
from repgeom.config.section import Name, Nodes, Positive, Section
from repgeom.config.stimuli import Attacked

if TYPE_CHECKING:
    from repgeom.config.configuration import Configuration


class Generalisation(Section):
    """Ridge regression from train to test stimuli, per node of one model."""

    model: Name
    train: Name
    test: Name
    nodes: Nodes
    ridge: Positive = 0.99


class Sweep(Section):
    """Attack strength against accuracy and geometry: one attacked stimulus set with several ε per attack."""

    stimuli: Annotated[list[Name], Field(min_length=1)]


class Robustness(Section):
    """Study 1: generalisation and representational geometry of a standard and an adversarially trained model."""

    standard: Name
    adversarial: Name
    clean: Name
    attacked: Name
    nodes: Nodes
    measure: Literal["correlation", "euclidean", "cosine"] = "correlation"
    generalisation: Generalisation
    sweep: Sweep

    def faults(self, c: "Configuration") -> Iterator[str]:
        """Names that lead nowhere."""
        key, g = "studies.robustness", self.generalisation
        for field in ("standard", "adversarial"):
            yield from node_faults(c, f"{key}.{field}", getattr(self, field), f"{key}.nodes", self.nodes)
        for field in ("clean", "attacked"):
            yield from unknown(f"{key}.{field}", getattr(self, field), c.stimuli)
        yield from node_faults(c, f"{key}.generalisation.model", g.model, f"{key}.generalisation.nodes", g.nodes)
        for field in ("train", "test"):
            yield from unknown(f"{key}.generalisation.{field}", getattr(g, field), c.stimuli)
        for i, name in enumerate(self.sweep.stimuli):
            yield from unknown(f"{key}.sweep.stimuli.{i}", name, c.stimuli)
            stimuli = c.stimuli.get(name)
            if stimuli and not (isinstance(stimuli, Attacked) and isinstance(stimuli.attack.epsilon, list)):
                yield f"{key}.sweep.stimuli.{i}: {name!r} is not an attacked stimulus set with a list of epsilon"
