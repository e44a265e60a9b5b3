"""All studies together."""

from repgeom.config.section import Section
from repgeom.config.studies.learning_dynamics import LearningDynamics
from repgeom.config.studies.manifolds import Manifolds
from repgeom.config.studies.paths import GeometryPaths
from repgeom.config.studies.recurrence import Recurrence
from repgeom.config.studies.robustness import Robustness


class Studies(Section):
    """The studies to run; one that is left out (null) is not part of the graph."""

    robustness: Robustness | None = None
    paths: GeometryPaths | None = None
    manifolds: Manifolds | None = None
    learning_dynamics: LearningDynamics | None = None
    recurrence: Recurrence | None = None
