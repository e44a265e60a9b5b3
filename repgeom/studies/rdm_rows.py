"""The data behind a figure of RDMs, as a tidy table."""

import numpy as np
import pandas as pd


def rdm_pairs_table(rows: dict[str, dict[str, np.ndarray]], ids: np.ndarray) -> pd.DataFrame:
    """One row per pair of stimuli, one column per RDM (`title / node`)."""
    i, j = np.triu_indices(len(ids), 1)
    columns = {f"{title} / {node}": rdm for title, row in rows.items() for node, rdm in row.items()}
    return pd.DataFrame({"stimulus_a": ids[i], "stimulus_b": ids[j], **columns})
