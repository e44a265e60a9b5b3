"""Learning dynamics: a tree of items, deep linear networks that learn it, and what is recorded."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from repgeom.config.section import Count, Fraction, Positive, Section, Seed

FIGURES = ("tree", "loss", "grid", "modes", "rsm", "illusions", "regression")
PAGES = ("rsm",)
"""Figures to which an interactive page belongs."""

LEARNING_DYNAMICS = "learning_dynamics"
"""The name of the study."""
STUDY_ITEMS = 8
"""The illusory correlations are about the tree of eight items."""


class Tree(Section):
    """A branching diffusion tree."""

    levels: Count = 3
    branches: Annotated[int, Field(ge=2)] = 2
    flip: Fraction = 0.15
    root_flip: Fraction = 0.5


class Grid(Section):
    """Learning rates and initial weight scales, trained in one batch."""

    learning_rates: Annotated[list[Positive], Field(min_length=2)]
    gammas: Annotated[list[Positive], Field(min_length=2)]


class LearningDynamics(Section):
    """Deep linear networks on a branching diffusion tree."""

    tree: Tree = Tree()
    features: Count = 10_000
    hidden: Annotated[list[Count], Field(min_length=1, max_length=1, default_factory=lambda: [30])]
    learning_rate: Positive = 100.0
    gamma: Positive = 1e-12
    epochs: Count = 250
    slow_learning_rate: Positive = 20.0
    shallow_learning_rate: Positive = 1000.0
    seeds: Annotated[list[Seed], Field(min_length=1)]
    grid: Grid
    rsm_epochs: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]

    def data(self) -> dict:
        """What the features are drawn from."""
        return self.model_dump(mode="json", include={"tree", "features"})

    def training(self) -> dict:
        """How the networks are trained."""
        names = {"hidden", "learning_rate", "gamma", "epochs", "slow_learning_rate", "shallow_learning_rate"}
        return self.model_dump(mode="json", include=names)

    def as_published(self) -> bool:
        """Whether the source's numbers may stand beside ours: nothing but seeds and displays differs from it."""
        published = LearningDynamics(seeds=self.seeds, grid=self.grid, rsm_epochs=self.rsm_epochs)
        return published == self

    def faults(self, key: str) -> Iterator[str]:
        """Numbers that do not fit each other."""
        items = self.tree.branches**self.tree.levels
        if items != STUDY_ITEMS:
            yield f"{key}.tree: {items} items; the illusory correlations need {STUDY_ITEMS} (3 levels, 2 branches)"
        for i, epoch in enumerate(self.rsm_epochs):
            if epoch > self.epochs:
                yield f"{key}.rsm_epochs.{i}: epoch {epoch} is beyond the last one, {self.epochs}"
