"""Studies: figures over named models and stimuli."""

from typing import Annotated, Literal

from pydantic import Field

from repgeom.config.section import Name, Positive, Section

Nodes = Annotated[list[str], Field(min_length=1)]


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


class Studies(Section):
    """The studies to run; one that is left out (null) is not part of the graph."""

    robustness: Robustness | None = None
