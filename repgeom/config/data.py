"""Measured data: RDMs or responses of subjects, which models are held against."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from repgeom.config.section import Count, Name, Section, Seed


class Simulated(Section):
    """Subjects whose channels are random sums of what one `node` of one network does, with noise: a known truth.

    `channels` of each subject see the node's units with random weights; each of the `repetitions` adds noise whose
    standard deviation is `noise` times that of the responses over stimuli.
    """

    model: Name
    node: str
    stimuli: Name
    subjects: Count = 8
    channels: Count = 100
    repetitions: Count = 4
    noise: Annotated[float, Field(ge=0)] = 2.0
    seed: Seed = 0


class Data(Section):
    """Measured data: `rdms` or `responses`, a file of either, or `simulated` ones.

    `ids` is the descriptor, or column, that holds the ids of the stimuli, `subjects` the descriptor that names the
    subjects of RDMs. `distance` is how RDMs are made of responses: `crossnobis` and `unbiased` need repetitions.
    """

    rdms: str | None = None
    responses: str | None = None
    simulated: Simulated | None = None
    ids: str = "stimulus"
    subjects: str = "subject"
    distance: Literal["crossnobis", "unbiased", "euclidean", "correlation", "cosine"] = "crossnobis"
    label: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "Data":
        if sum(source is not None for source in (self.rdms, self.responses, self.simulated)) != 1:
            raise ValueError("give one of rdms, responses and simulated")
        return self

    @property
    def has_responses(self) -> bool:
        """Whether there are responses, and not RDMs alone."""
        return self.rdms is None
