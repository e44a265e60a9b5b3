"""How figures name networks and draw them."""

from collections.abc import Mapping, Sequence

import pandas as pd

from repgeom.analyses.networks import about

STYLES = ("-", "--", ":", "-.")


def network_names(networks: Sequence[Mapping]) -> list[str]:
    """A name for each network: `standard`, or `standard_seed2` and the like where a model occurs more than once."""
    return ["_".join([n["model"], *_distinctions(n, networks).values()]) for n in networks]


def network_labels(networks: Sequence[Mapping], names: Mapping[str, Mapping]) -> list[str]:
    """The same in words: `adversarially trained, seed 2`."""
    return [", ".join([names["models"][n["model"]]["label"], *_distinctions(n, networks)]) for n in networks]


def model_lines(table: pd.DataFrame, names: Mapping[str, Mapping]) -> tuple[pd.DataFrame, dict[str, dict]]:
    """Tell lines of a figure apart by model, and by epoch where a model occurs at more than one.

    Parameters
    ----------
    table : DataFrame
        Columns `model` and `epoch`, empty for the last.
    names : dict
        `models`: name → `label` and `colour`.

    Returns
    -------
    table : DataFrame
        With a column `line`.
    looks : dict
        Line → `colour` of the model, `style` for the epoch.
    """
    looks, lines = {}, pd.Series("", index=table.index)
    for model, part in table.groupby("model", sort=False):
        look = names["models"][model]
        by_epoch = part.groupby("epoch", sort=False, dropna=False)
        for i, (epoch, rows) in enumerate(by_epoch):
            label = f"{look['label']}, {epoch_label(epoch)}" if len(by_epoch) > 1 else look["label"]
            lines[rows.index] = label
            looks[label] = {"colour": look["colour"], "style": STYLES[i % len(STYLES)]}
    return table.assign(line=lines), looks


def epoch_label(epoch: float) -> str:
    """How figures name an epoch; NaN is the last."""
    return "last epoch" if pd.isna(epoch) else f"epoch {epoch:.0f}"


def _distinctions(network: Mapping, networks: Sequence[Mapping]) -> dict[str, str]:
    """What tells a network from the others of its model: in words → as part of a name."""
    siblings = [n for n in networks if n["model"] == network["model"]]
    seed, epoch = network["seed"], network["epoch"]
    found = {f"seed {seed}": f"seed{seed}"} if any(n["seed"] != seed for n in siblings) else {}
    if any(n["epoch"] != epoch for n in siblings):
        found[epoch_label(about(network)["epoch"])] = epoch
    return found
