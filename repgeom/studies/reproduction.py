"""Reference numbers beside ours: the rows every study contributes to `reproduction.csv`."""

import pandas as pd

from repgeom.errors import InputError

COLUMNS = ["study", "quantity", "dataset", "ours", "low", "high", "reference", "source"]
DESCRIPTIONS = {
    "study": "name of the study",
    "quantity": "what was measured",
    "dataset": "where the images come from",
    "ours": "our value, a mean over seeds or networks where there are several",
    "low": "lower end of the 95 % interval (empty where there is one value without one)",
    "high": "upper end of the 95 % interval",
    "reference": "the published value; empty where our run used other data",
    "source": "where the published value stands",
}


def reproduction_table(study: str, dataset: str, ours: dict[str, tuple], references: pd.DataFrame) -> pd.DataFrame:
    """Put our values beside the published ones.

    Parameters
    ----------
    study : str
    dataset : str
        Source of the data of this run; a reference measured on another data set is left empty.
    ours : dict
        Quantity → (value, low, high).
    references : DataFrame
        Columns `quantity, dataset, reference, source`; every quantity must be among ours.

    Raises
    ------
    InputError
        A reference number that nothing of ours stands beside.
    """
    missing = set(references["quantity"]) - set(ours)
    if missing:
        raise InputError(f"study {study!r}: nothing was measured for the reference {sorted(missing)[0]!r}")
    comparable = references[references["dataset"] == dataset].set_index("quantity")
    rows = []
    for quantity, (value, low, high) in ours.items():
        reference, source = None, None
        if quantity in comparable.index:
            reference, source = comparable.loc[quantity, ["reference", "source"]]
        rows.append([study, quantity, dataset, value, low, high, reference, source])
    return pd.DataFrame(rows, columns=COLUMNS)
