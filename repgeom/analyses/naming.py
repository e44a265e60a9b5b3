"""How tables and figures name networks, and how lines of a figure tell them apart."""

from collections.abc import Mapping, Sequence

import pandas as pd

from repgeom.analyses.networks import PAIR, about
from repgeom.figures.palette import BLACK, MARKERS, STYLES, model_colours


def network_names(networks: Sequence[Mapping]) -> list[str]:
    """A name for each network: `standard`, or `standard_seed2` and the like where a model occurs more than once."""
    return ["_".join([n["model"], *_distinctions(n, networks).values()]) for n in networks]


def network_labels(networks: Sequence[Mapping], names: Mapping[str, Mapping]) -> list[str]:
    """The same in words: `adversarially trained, seed 2`."""
    return [", ".join([names["models"][n["model"]]["label"], *_distinctions(n, networks)]) for n in networks]


def row_labels(table: pd.DataFrame, names: Mapping[str, Mapping]) -> pd.Series:
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
    words |= {"epoch": epoch_label, "repetition": "repetition {:.0f}".format}
    labels = table["model"].map(lambda model: names["models"][model]["label"])
    for column, word in words.items():
        named = table[column].notna() & several[column]
        labels = labels.mask(named, labels + ", " + table[column].map(word))
    return labels


def line_looks(
    table: pd.DataFrame, names: Mapping[str, Mapping], by: Sequence[str] = ("model", "epoch", "stimuli")
) -> tuple[pd.Series, dict[str, dict]]:
    """Which line each row of a table belongs to, and how every line looks: models in colour, all else by style.

    Models keep their colours where these differ; where some share one, all get colours of the palette. What is about
    two models is black.

    Parameters
    ----------
    table : DataFrame
        Columns `model, epoch, stimuli`.
    names : dict
        `models`: name → `label` and `colour`; `stimuli`: name → label.
    by : names
        Columns that tell lines apart; epochs and stimuli are named only where there are several.

    Returns
    -------
    Series, dict
        Label of the line of every row; label → `colour`, `style` and `marker`.
    """
    words = {"model": lambda m: _model_label(m, names), "epoch": epoch_label, "stimuli": names["stimuli"].get}
    parts = pd.DataFrame({name: table[name].map(words[name]) for name in by})
    shown = [name for name in by if name == "model" or parts[name].nunique() > 1]
    lines, colours = parts[shown].agg(", ".join, axis=1), model_colours(names["models"])
    styles, _ = pd.factorize(parts.drop(columns="model").agg("".join, axis=1))
    return lines, {
        line: {
            "colour": colours.get(model, BLACK),
            "style": STYLES[i % len(STYLES)],
            "marker": MARKERS[i % len(MARKERS)],
        }
        for line, model, i in zip(lines, table["model"], styles, strict=True)
    }


def epoch_label(epoch: float) -> str:
    """How figures name an epoch; NaN is the last."""
    return "last epoch" if pd.isna(epoch) else f"epoch {epoch:.0f}"


def _model_label(model: str, names: Mapping[str, Mapping]) -> str:
    if model in names["models"]:
        return names["models"][model]["label"]
    return PAIR.join(names["models"][one]["label"] for one in model.split(PAIR))


def _distinctions(network: Mapping, networks: Sequence[Mapping]) -> dict[str, str]:
    """What tells a network from the others of its model: in words → as part of a name."""
    siblings = [n for n in networks if n["model"] == network["model"]]
    seed, epoch = network["seed"], network["epoch"]
    found = {f"seed {seed}": f"seed{seed}"} if any(n["seed"] != seed for n in siblings) else {}
    if any(n["epoch"] != epoch for n in siblings):
        found[epoch_label(about(network)["epoch"])] = epoch
    return found
