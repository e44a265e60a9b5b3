"""How figures name networks."""

from collections.abc import Mapping

import pandas as pd


def network_labels(table: pd.DataFrame, names: Mapping[str, Mapping]) -> pd.Series:
    """How a figure names the network of each row: by its model, and by whatever else tells networks apart.

    Stimuli are named where a model is shown several sets, seeds and repetitions of models that have several, epochs
    before the last always.

    Parameters
    ----------
    table : DataFrame
        `repgeom.analyses.networks.NETWORK_COLUMNS`; a missing seed or repetition is not named.
    names : dict
        Labels of models and stimuli, as `repgeom.workflow.plan.Plan.names` gives them.
    """
    several = {
        name: table.groupby("model")[name].transform("nunique") > 1 for name in ("stimuli", "seed", "repetition")
    }
    several |= {"stimuli": several["stimuli"].any(), "epoch": True}
    words = {"stimuli": names["stimuli"].get, "seed": "seed {:.0f}".format}
    words |= {"epoch": "epoch {:.0f}".format, "repetition": "repetition {:.0f}".format}
    labels = table["model"].map(lambda model: names["models"][model]["label"])
    for column, word in words.items():
        named = table[column].notna() & several[column]
        labels = labels.mask(named, labels + ", " + table[column].map(word))
    return labels
