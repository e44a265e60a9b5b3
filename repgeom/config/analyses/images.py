"""Images side by side."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from repgeom.config.analyses.base import Analysis
from repgeom.config.nouns import Nouns
from repgeom.config.section import Count
from repgeom.config.stimuli import OWN, Attacked


class Images(Analysis):
    """Grids of images, one for each set, `columns` in a row; the table tells how far each lies from the first set's.

    Only sets that are attacked with a network's own gradients need a `model`.
    """

    kind: Literal["images"]
    columns: Count = 10

    needs_model: ClassVar[bool] = False

    def own_faults(self, key: str, nouns: Nouns, siblings: Mapping[str, Analysis]) -> Iterator[str]:  # noqa: D102
        for network in self.networks(nouns):
            stimuli = nouns.stimuli[network.set]
            if not network.model and isinstance(stimuli, Attacked) and stimuli.model == OWN:
                yield f"{key}.of: {network.set!r} is attacked with the gradients of each network; name a model"


class Answers(Analysis):
    """Images, and how many of them networks name correctly; `columns` images in a row."""

    kind: Literal["answers"]
    columns: Count = 5

    compares_classes: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("means",)


class Examples(Analysis):
    """Images that a network recognised, and some that it did not."""

    kind: Literal["examples"]

    compares_classes: ClassVar[bool] = True
    one_network: ClassVar[bool] = True
