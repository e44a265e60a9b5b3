"""Capacity of manifolds, and what it depends on; the points of each class are one manifold.

By mean-field theory, which also says why (`analyse_manifolds`, `analyse_layers`, `sweep_points`); by projection onto
the cone of all points at once (`conic_capacity`); by simulation (`simulated_capacity`). `manifolds_of` sorts points by
class.
"""

from repgeom.measures.capacity.centre_correlation import CentreCorrelation, centre_correlation
from repgeom.measures.capacity.conic import ConicCapacity, conic_capacity
from repgeom.measures.capacity.manifolds import Manifolds, manifolds_of
from repgeom.measures.capacity.mean_field import (
    ManifoldAnalysis,
    WeakCentreWarning,
    analyse_layers,
    analyse_manifolds,
    sweep_points,
)
from repgeom.measures.capacity.participation_ratio import participation_ratio
from repgeom.measures.capacity.simulated import SimulatedCapacity, is_separable, simulated_capacity

__all__ = [
    "CentreCorrelation",
    "ConicCapacity",
    "ManifoldAnalysis",
    "Manifolds",
    "SimulatedCapacity",
    "WeakCentreWarning",
    "analyse_layers",
    "analyse_manifolds",
    "centre_correlation",
    "conic_capacity",
    "is_separable",
    "manifolds_of",
    "participation_ratio",
    "simulated_capacity",
    "sweep_points",
]
