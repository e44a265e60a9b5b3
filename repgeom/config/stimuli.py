"""Stimuli: which images a model is shown.

Every kind may name the `nodes` to record, all of them by default, and a `label` for figures.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from repgeom.config.models import Attack
from repgeom.config.section import Count, Name, Nodes, Section, Seed
from repgeom.stimuli.clutter.versions import SwapDefinition, Version

Strength = Annotated[float, Field(ge=0)]

OWN = "own"
"""The model that is shown the stimuli, whichever it is."""


class Selection(Section):
    """Images of a dataset, taken in its order.

    `per_class` takes the first n of every class (ordered by class), among the first `within` images
    where that is given; `first` takes the first n images as they come, and `ids` those of these ids (names or
    patterns), in their order. `classes` takes only these.
    """

    kind: Literal["select"]
    dataset: Name
    split: Literal["train", "test"] = "test"
    per_class: Count | None = None
    first: Count | None = None
    within: Count | None = None
    ids: Annotated[list[str], Field(min_length=1)] | None = None
    classes: Annotated[list[str], Field(min_length=1)] | None = None
    nodes: Nodes | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Selection":
        if sum(given is not None for given in (self.per_class, self.first, self.ids)) != 1:
            raise ValueError("give either per_class, first or ids")
        if self.within and not self.per_class:
            raise ValueError("within belongs to per_class; leave it out")
        return self

    def chosen(self) -> dict:
        """What decides which images are taken."""
        named = {name: value for name in ("ids", "classes") if (value := getattr(self, name))}
        return self.model_dump(include={"split", "per_class", "first", "within"}) | named


class Attacked(Section):
    """Stimuli `of` another set, attacked with the gradients of `model` (`own`: of each model that is shown them).

    With several ε the set holds all images at the first ε, then at the second, …
    """

    kind: Literal["attack"]
    of: Name
    attack: Attack
    model: Name = OWN
    nodes: Nodes | None = None
    label: str | None = None


class Perturbation(Section):
    """A change of images that needs no network; several strengths make one stimulus set of all of them.

    `strength` is what the method says: the standard deviation of `gaussian_noise` (pixel units), the share of
    `contrast` that is lost, the standard deviation of the `blur` (pixels), the share of the area that the `occlusion`
    covers, the angle of the `rotation` (degrees). What is random is drawn with `seed`.
    """

    method: Literal["gaussian_noise", "contrast", "blur", "occlusion", "rotation"]
    strength: Strength | Annotated[list[Strength], Field(min_length=1)]
    seed: Seed = 0

    @model_validator(mode="after")
    def _shares(self) -> "Perturbation":
        highest = max(self.strength) if isinstance(self.strength, list) else self.strength
        if self.method in ("contrast", "occlusion") and highest > 1:
            raise ValueError(f"strength of {self.method} is a share, at most 1")
        return self


class Perturbed(Section):
    """Stimuli `of` another set, perturbed. With several strengths the set holds all images at the first, then …"""

    kind: Literal["perturb"]
    of: Name
    perturbation: Perturbation
    nodes: Nodes | None = None
    label: str | None = None


class Canvases(Section):
    """The first canvases of a seed, from a dataset with `source: clutter`.

    `version` is what is shown: the canvas itself, its target alone (`clean`), or the canvas with one property of
    the target exchanged. Without `noise`, properties lie exactly at the ends of their ranges.
    """

    kind: Literal["canvases"]
    dataset: Name
    split: Literal["train", "validation", "test"] = "test"
    first: Count
    seed: Seed = 0
    version: Version = "cluttered"
    swaps: SwapDefinition = "corrected"
    noise: bool = True
    nodes: Nodes | None = None
    label: str | None = None

    def repetition(self, number: int) -> "Canvases":
        """The same with other canvases; the first repetition is the set itself."""
        return self.model_copy(update={"seed": self.seed + number - 1})

    def chosen(self) -> dict:
        """What decides which canvases are drawn, and how."""
        return self.model_dump(mode="json", exclude={"kind", "dataset", "nodes", "label"})


Stimuli = Annotated[Selection | Attacked | Perturbed | Canvases, Field(discriminator="kind")]

REPETITION = "_repetition"
"""Between the name of canvases and the number of a further repetition: `cluttered_repetition2`."""


def repetition_name(name: str, number: int) -> str:
    """Name of the stimulus set with the canvases of a repetition, counted from 1."""
    return name if number == 1 else f"{name}{REPETITION}{number}"


def strengths_of(stimuli: Stimuli) -> tuple[str, list[float]] | None:
    """What was done to stimuli, and the strengths where there are several; None where it is one or nothing."""
    if isinstance(stimuli, Attacked):
        what, strength = "attack", stimuli.attack.epsilon
    elif isinstance(stimuli, Perturbed):
        what, strength = stimuli.perturbation.method, stimuli.perturbation.strength
    else:
        return None
    return (what, strength) if isinstance(strength, list) else None
