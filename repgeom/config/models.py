"""Models: a network, the data it is trained on, and how, or where its weights come from."""

import re
from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from repgeom.config.section import Colour, Count, Epsilon, Name, Nodes, Positive, Section, Seed
from repgeom.errors import nearest
from repgeom.models.known_weights import known_file
from repgeom.models.nodes import ARCHITECTURES, LIBRARIES, library_of
from repgeom.resources import FOLDER
from repgeom.training.options import OPTIMISER_OPTIONS, WARMUP

BUNDLED = "bundled:"
"""How paths of weights begin that come with the project, in its folder `resources`."""

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


class Averaging(Section):
    """Weights averaged over the training, which are then evaluated and stored in place of the last ones.

    `exponential`: with a `decay` per iteration (0.999). `tail`: over the last `fraction` of all iterations (0.25).
    """

    method: Literal["exponential", "tail"]
    decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    fraction: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _own_option(self) -> "Averaging":
        other, owner = ("fraction", "tail") if self.method == "exponential" else ("decay", "exponential")
        if getattr(self, other) is not None:
            raise ValueError(f"{other} belongs to method: {owner}; leave it out")
        return self


class Training(Section):
    """A recipe for an image classifier.

    Canvases of a dataset with `source: clutter` are drawn on the fly: an epoch is then so many `iterations`, after
    which the network is tested on `validation` canvases. With a `curriculum`, the objects on a canvas become more, from
    the target alone to all of them, over this fraction of all iterations.

    `momentum` belongs to sgd, `weight_decay` to sgd and adamw. The schedules change the learning rate: `step` times
    `gamma` after every epoch, `cosine` down to 0 and `one_cycle` up and down, both at every iteration; `warmup` is the
    fraction of all iterations in which these two rise to `learning_rate`, if not given 0 and 0.3. `label_smoothing` is
    the share of the target that is spread over all classes; a gradient longer than `max_gradient_norm` is cut down to
    it; `averaging` stores averaged weights.
    """

    optimiser: Literal["adadelta", "adam", "adamw", "sgd"] = "adam"
    learning_rate: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    schedule: Literal["constant", "step", "cosine", "one_cycle"] = "constant"
    gamma: Annotated[float, Field(gt=0, le=1)] = 1.0
    warmup: Annotated[float, Field(ge=0, lt=1)] | None = None
    epochs: Annotated[int, Field(ge=0)]
    iterations: Count | None = None
    validation: Count | None = None
    curriculum: Annotated[float, Field(gt=0, le=1)] | None = None
    batch_size: Count = 64
    shuffle: bool = True
    drop_last: bool = False
    attack: TrainingAttack | None = None
    precision: Literal["float32", "bfloat16"] = "float32"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    max_gradient_norm: Positive | None = None
    averaging: Averaging | None = None
    keep: Literal["all", "last"] = "all"
    threads: Count = 1

    @model_validator(mode="after")
    def _options_that_act(self) -> "Training":
        for option in ("momentum", "weight_decay"):
            owners = [name for name, options in OPTIMISER_OPTIONS.items() if option in options]
            if getattr(self, option) and self.optimiser not in owners:
                raise ValueError(f"{option} does nothing with optimiser: {self.optimiser}; use {' or '.join(owners)}")
        if self.warmup is not None and self.schedule not in WARMUP:
            raise ValueError(f"warmup does nothing with schedule: {self.schedule}; use {' or '.join(WARMUP)}")
        return self


class Source(Section):
    """Weights in place of training.

    A file, `path` (here; after `bundled:`, in the project's folder `resources`) or `url`, and what it must hash to;
    `pretrained`, the name of weights that torchvision or timm publishes for the architecture; or `untrained: true`,
    initial weights, one network for each seed.
    """

    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    path: str | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{32}$")] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    pretrained: Annotated[str, Field(pattern=r"^\w+$")] | None = None
    untrained: Literal[True] | None = None

    @field_validator("path")
    @classmethod
    def _in_resources(cls, path: str | None) -> str | None:
        return str(FOLDER / path.removeprefix(BUNDLED)) if path and path.startswith(BUNDLED) else path

    @model_validator(mode="after")
    def _one_file_one_checksum(self) -> "Source":
        if sum(given is not None for given in (self.url, self.path, self.pretrained, self.untrained)) != 1:
            raise ValueError("give either url, path, pretrained or untrained")
        if self.md5 and self.sha256:
            raise ValueError("give either md5 or sha256")
        if self.url and not self.checksum():
            raise ValueError("give md5 or sha256, so that no other file is taken for it")
        return self

    def checksum(self) -> tuple[str, str] | None:
        """Algorithm and digest; that of a known address where none is given."""
        if self.sha256:
            return "sha256", self.sha256
        known = known_file(self.url)
        digest = self.md5 or (known.md5 if known else None)
        return ("md5", digest) if digest else None


Statistic = Annotated[list[float], Field(min_length=2, max_length=2)]
"""A mean and a standard deviation."""
PerChannel = Annotated[list[Annotated[list[float], Field(min_length=1)]], Field(min_length=2, max_length=2)]
"""The same, a list of one for each channel."""


class Model(Section):
    """An image classifier, and how it is trained or where its weights come from.

    `normalise` is `[mean, std]`, or `[[r, g, b], [r, g, b]]`; before that, `resize` scales the shorter side of every
    image to so many pixels, and `crop` keeps the middle. Published weights of libraries bring all three along.
    `dataset` is what it is trained on, and may be left out where weights come from elsewhere: then they are not tested.
    `nodes` are recorded, all where nothing is said; names or patterns.

    With `start`, training begins with the last weights of another model: of its network with the same seed, or of its
    only one.
    """

    architecture: str
    options: dict[str, JsonValue] = Field(default_factory=dict)
    dataset: Name | None = None
    normalise: Statistic | PerChannel | None = None
    resize: Count | None = None
    crop: Count | None = None
    nodes: Nodes | None = None
    seeds: Annotated[list[Seed], Field(min_length=1)]
    training: Training | None = None
    start: Name | None = None
    source: Source | None = None
    label: str | None = None
    colour: Colour = "#000000"

    @field_validator("architecture")
    @classmethod
    def _known_architecture(cls, value: str) -> str:
        if not re.fullmatch(r"\w+", value) and not re.fullmatch(rf".+\.py:\w+|({'|'.join(LIBRARIES)}):\w+", value):
            raise ValueError(
                "write the name of a built-in architecture, path/to/file.py:ClassName, or torchvision: or timm: "
                "and a network"
            )
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
    def _spread(cls, value: list | None) -> list | None:
        if value is None:
            return value
        means, stds = (part if isinstance(part, list) else [part] for part in value)
        if len(means) != len(stds) or min(stds) <= 0:
            raise ValueError("write [mean, std] with std > 0, one number each or one for each channel")
        return value

    @model_validator(mode="after")
    def _trained_or_imported(self) -> "Model":
        if (self.training is None) == (self.source is None):
            raise ValueError("give either training or source (and set the other to null where another file gives it)")
        if self.training and not self.dataset:
            raise ValueError("name the dataset that it is trained on")
        if self.source and self.start:
            raise ValueError("imported weights are not trained on: give a second model that starts with this one's")
        if self.source and len(self.seeds) > 1 and not self.source.untrained:
            raise ValueError("imported weights are one network; give one seed, which is no more than its name")
        known = known_file(self.source.url) if self.source else None
        if known and not self.user_file and self.architecture != known.architecture:
            raise ValueError(f"{known.url} holds a {known.architecture}; write architecture: {known.architecture}")
        if self.pretrained and not library_of(self.architecture):
            raise ValueError(f"source.pretrained: only for architecture: {LIBRARIES[0]}:…; name a file of weights")
        return self

    def network(self) -> dict:
        """What defines the network and how it sees images."""
        named = {"resize": self.resize, "crop": self.crop, "pretrained": self.pretrained}
        said = {name: value for name, value in named.items() if value is not None}
        return {"architecture": self.architecture, "options": self.options, "normalise": self.normalise} | said

    @property
    def pretrained(self) -> str | None:
        """The published weights of a library that it has."""
        return self.source.pretrained if self.source else None

    @property
    def user_file(self) -> str | None:
        """The Python file of a user's own architecture."""
        own = ":" in self.architecture and not library_of(self.architecture)
        return self.architecture.rsplit(":", 1)[0] if own else None
