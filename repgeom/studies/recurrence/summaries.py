"""Quantities of recurrent networks in clutter under the names of their published values."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from repgeom.analyses.perturbation import unperturbed_summary
from repgeom.analyses.readout import readout_summary


def final_output(table: pd.DataFrame, perturbed: pd.DataFrame) -> pd.DataFrame:
    """Accuracy after the last step, and on the noise-free stimuli of the perturbation."""
    last = readout_summary(table[table["timestep"] == table["timestep"].max()]).assign(timestep=np.nan)
    return pd.concat([last, unperturbed_summary(perturbed)], ignore_index=True)


def named_quantities(summaries: Iterable[pd.DataFrame]) -> dict[str, tuple[float, float, float]]:
    """Quantity → (mean, low, high) under the names of the reference table."""
    found = {}
    for summary in summaries:
        for _, row in summary.iterrows():
            found[quantity_name(row)] = (row["mean"], row["low"], row["high"])
    return found


def quantity_name(row: pd.Series) -> str:
    """`layer decoding, cluttered: fc, t = 4, category`, and shorter where something is averaged over."""
    parts = []
    if row["layer"] not in ("", "output"):
        parts.append(row["layer"])
    if pd.notna(row.get("timestep")):
        parts.append(f"t = {int(row['timestep'])}")
    if row["layer"] != "output" and row["variable"] != "auxiliary":
        parts.append(row["variable"])
    return f"{row['measure']}: {', '.join(parts)}" if parts else row["measure"]
