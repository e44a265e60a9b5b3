"""Manifold geometry of random images: medians over draws."""

import pandas as pd

from repgeom.analyses.capacity_draws import DRAW_COLUMNS
from repgeom.analyses.intervals import INTERVAL_COLUMNS
from repgeom.analyses.limits import CAPACITY
from repgeom.measures.uncertainty import draws_estimate

POINT_COLUMNS = {
    **{name: DRAW_COLUMNS[name] for name in ("mode", "node")},
    "quantity": "what was measured",
    "median": "over draws",
    **INTERVAL_COLUMNS,
    "n": "how many draws",
}


def draw_medians(table: pd.DataFrame) -> pd.DataFrame:
    """Medians over draws, and between which values the central 95 % of them lie: `POINT_COLUMNS`."""
    rows = [
        (mode, node, quantity, *draws_estimate(part[quantity], "draws"), len(part))
        for (mode, node), part in table.groupby(["mode", "node"], sort=False)
        for quantity in CAPACITY
    ]
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))
