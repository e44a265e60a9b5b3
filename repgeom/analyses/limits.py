"""Between which values quantities of tables lie: intervals over seeds stop there."""

CORRELATION = {"lowest": -1, "highest": 1}

DIFFERENCE = {"lowest": -2, "highest": 2}
"""Of two dissimilarities, each 1 − similarity and so between 0 and 2."""

CAPACITY = {
    "capacity": {"lowest": 0},
    "radius": {"lowest": 0},
    "dimension": {"lowest": 0},
    "centre_correlation": {"lowest": 0, "highest": 1},
}
"""Quantity of manifolds → its limits."""
