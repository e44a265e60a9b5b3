"""Projection of activations to fewer dimensions than there are stimuli."""

from typing import Annotated

from pydantic import Field

from repgeom.config.section import Section, Seed

FEWEST = 10
MOST = 100_000


class Projection(Section):
    """Random projection of every node with more features than dimensions, where stimuli are more, too."""

    dimensions: Annotated[int, Field(ge=FEWEST, le=MOST)]
    seed: Seed = 0
