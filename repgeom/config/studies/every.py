"""All studies together."""

from repgeom.config.section import Section
from repgeom.config.studies.robustness import Robustness


class Studies(Section):
    """The studies to run; one that is left out (null) is not part of the graph."""

    robustness: Robustness | None = None
