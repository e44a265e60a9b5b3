"""What tables, RDMs and figures say that are made of projected coordinates: in their provenance, as `projection`."""

from collections.abc import Mapping
from dataclasses import replace

from repgeom.store.provenance import Provenance

PROJECTION = "projection"
"""The param, and the attribute of a file of coordinates, that says to what features are projected."""


def with_bounds(provenance: Provenance, stated: Mapping | None) -> Provenance:
    """The provenance of what is made of a file that states how far off its coordinates may be; nothing if exact.

    Without a projection in the configuration it stays as it is.
    """
    if PROJECTION not in provenance.config:
        return provenance
    return replace(provenance, config=provenance.config | {PROJECTION: dict(stated or {})})


def projection_of(provenance: Provenance) -> Mapping | None:
    """What the provenance of a table, figure or file of RDMs says of projection; nothing where it is exact."""
    return provenance.config.get(PROJECTION)


def in_words(stated: Mapping | None) -> str:
    """How far off numbers may be that are made of projected coordinates; empty where these are exact."""
    if not stated:
        return ""
    k = stated["dimensions"]
    if "squared_distance" not in stated:
        return (
            f"of sets of more than {k} stimuli, nodes of more than {k} features are projected to {k} random "
            f"dimensions: inner products of orthogonal patterns are typically off by {k**-0.5:.2g} of their lengths; "
            "files of coordinates say how far off all distances may be"
        )
    return (
        f"features projected to {k} dimensions: with probability {stated['confidence']:g}, all squared distances "
        f"within {100 * stated['squared_distance']:.0f} %, the Fisher z of all correlations within "
        f"{stated['fisher_z']:.2f}"
    )
