"""How the lines of a figure tell networks apart: models by colour; what they were shown, and epochs, by style."""

from collections.abc import Mapping

import pandas as pd

from repgeom.figures.style import CYCLE, MARKERS

STYLES = ("-", "--", ":", "-.")


def line_looks(table: pd.DataFrame, names: Mapping[str, Mapping]) -> tuple[pd.Series, dict[str, dict]]:
    """Which line each row of a table belongs to, and how every line looks.

    Models keep their colours where these differ; where some share one, all get colours of the palette.

    Parameters
    ----------
    table : DataFrame
        Columns `model, epoch, stimuli`.
    names : dict
        `models`: name → `label` and `colour`; `stimuli`: name → label.

    Returns
    -------
    Series, dict
        Label of the line of every row; label → `colour`, `style` and `marker`.
    """
    parts = pd.DataFrame(
        {
            "model": table["model"].map(lambda name: names["models"][name]["label"]),
            "epoch": table["epoch"].map(_epoch),
            "stimuli": table["stimuli"].map(names["stimuli"]),
        }
    )
    shown = [name for name in parts if name == "model" or parts[name].nunique() > 1]
    lines = parts[shown].agg(", ".join, axis=1)
    colours = _colours(names["models"])
    styles, _ = pd.factorize(parts["epoch"] + parts["stimuli"])
    return lines, {
        line: {"colour": colours[model], "style": STYLES[i % len(STYLES)], "marker": MARKERS[i % len(MARKERS)]}
        for line, model, i in zip(lines, table["model"], styles, strict=True)
    }


def _epoch(epoch: float) -> str:
    return "last epoch" if pd.isna(epoch) else f"epoch {epoch:.0f}"


def _colours(models: Mapping[str, Mapping]) -> dict[str, str]:
    own = {name: look["colour"] for name, look in models.items()}
    if len(set(own.values())) == len(own):
        return own
    return {name: CYCLE[i % len(CYCLE)] for i, name in enumerate(models)}
