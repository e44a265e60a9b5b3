"""Models: a network, the data it is trained on, and how, or where its weights come from."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from repgeom.config.section import Colour, Count, Epsilon, Name, Positive, Section, Seed
from repgeom.errors import nearest
from repgeom.models.known_weights import known_file
from repgeom.models.nodes import ARCHITECTURES

Method = Literal["fgsm", "pgd", "fgsm_nll"]
"""Names in `repgeom.stimuli.attacks.ATTACKS`; fgsm_nll is the published attack, blind where a network is certain."""


class Attack(Section):
    """An adversarial attack; ε in pixel units, several values make one stimulus set of all of them."""

    method: Method = "fgsm"
    epsilon: Epsilon | Annotated[list[Epsilon], Field(min_length=1)]
    steps: Count = 10


class TrainingAttack(Section):
    """The attack that every training batch is replaced by."""

    method: Method = "fgsm"
    epsilon: Epsilon
    steps: Count = 10


class Training(Section):
    """A recipe for an image classifier.

    Canvases of a dataset with `source: clutter` are drawn on the fly: an epoch is then so many `iterations`, after
    which the network is tested on `validation` canvases.
    """

    optimiser: Literal["adadelta", "adam", "sgd"] = "adam"
    learning_rate: Positive
    schedule: Literal["constant", "step", "cosine"] = "constant"
    gamma: Annotated[float, Field(gt=0, le=1)] = 1.0
    epochs: Annotated[int, Field(ge=0)]
    iterations: Count | None = None
    validation: Count | None = None
    batch_size: Count = 64
    shuffle: bool = True
    drop_last: bool = False
    attack: TrainingAttack | None = None
    precision: Literal["float32", "bfloat16"] = "float32"
    keep: Literal["all", "last"] = "all"
    threads: Count = 1


class Source(Section):
    """Weights that somebody else trained: a file, here or on the network, and what it must hash to."""

    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    path: str | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{32}$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None

    @model_validator(mode="after")
    def _one_file_one_checksum(self) -> "Source":
        if (self.url is None) == (self.path is None):
            raise ValueError("give either url or path")
        if self.md5 and self.sha256:
            raise ValueError("give either md5 or sha256")
        if not self.checksum()[1]:
            raise ValueError("give md5 or sha256, so that no other file is taken for it")
        return self

    def checksum(self) -> tuple[str, str | None]:
        """Algorithm and digest; that of a known address where none is given."""
        if self.sha256:
            return "sha256", self.sha256
        known = known_file(self.url)
        return "md5", self.md5 or (known.md5 if known else None)


class Model(Section):
    """An image classifier, and how it is trained or where its weights come from."""

    architecture: str
    options: dict[str, int | float | bool | str | list[int]] = Field(default_factory=dict)
    dataset: Name
    normalise: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    seeds: Annotated[list[Seed], Field(min_length=1)]
    training: Training | None = None
    source: Source | None = None
    label: str | None = None
    colour: Colour = "#000000"

    @field_validator("architecture")
    @classmethod
    def _known_architecture(cls, value: str) -> str:
        if not re.fullmatch(r"\w+", value) and not re.fullmatch(r".+\.py:\w+", value):
            raise ValueError("write the name of a built-in architecture, or path/to/file.py:ClassName")
        if ":" not in value and value not in ARCHITECTURES:
            raise ValueError(f"no such architecture; {nearest(value, ARCHITECTURES)}")
        return value

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: list[int]) -> list[int]:
        if len(set(value)) != len(value):
            raise ValueError("seeds must differ from each other")
        return value

    @field_validator("normalise")
    @classmethod
    def _spread(cls, value: list[float] | None) -> list[float] | None:
        if value and value[1] <= 0:
            raise ValueError("write [mean, std] with std > 0")
        return value

    @model_validator(mode="after")
    def _trained_or_imported(self) -> "Model":
        if (self.training is None) == (self.source is None):
            raise ValueError("give either training or source (and set the other to null where another file gives it)")
        if self.source and len(self.seeds) > 1:
            raise ValueError("imported weights are one network; give one seed, which is no more than its name")
        known = known_file(self.source.url) if self.source else None
        if known and not self.user_file and self.architecture != known.architecture:
            raise ValueError(f"{known.url} holds a {known.architecture}; write architecture: {known.architecture}")
        return self

    def network(self) -> dict:
        """What defines the network and how it sees images."""
        return {"architecture": self.architecture, "options": self.options, "normalise": self.normalise}

    @property
    def user_file(self) -> str | None:
        """The Python file of a user's own architecture."""
        return self.architecture.rsplit(":", 1)[0] if ":" in self.architecture else None
