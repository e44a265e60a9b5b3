"""The numbers the study robustness is known for."""

import pandas as pd

from repgeom.measures.uncertainty import mean_interval


def reproduced_quantities(accuracy: pd.DataFrame, clean: dict[str, list[float]], names: dict[str, str]) -> dict:
    """Quantity → (mean over seeds, low, high), under the names of the reference table.

    Parameters
    ----------
    accuracy : DataFrame
        Of `accuracy_row`s.
    clean : dict
        Role (standard, adversarial) → accuracy on the whole test split, per seed.
    names : dict
        Role → name of the model.
    """
    ours = {}
    for role, values in clean.items():
        ours[f"clean accuracy of the {role} model"] = mean_interval(values)
    for role, name in names.items():
        attacked = accuracy[(accuracy["model"] == name) & (accuracy["condition"] == "attacked")]
        value, low, high = mean_interval(attacked["accuracy"])
        if len(attacked) == 1:
            low, high = attacked["low"].iloc[0], attacked["high"].iloc[0]
        ours[f"attacked accuracy of the {role} model"] = (value, low, high)
    return ours
