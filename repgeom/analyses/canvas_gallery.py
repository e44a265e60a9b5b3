"""How the canvases of a dataset are made."""

import numpy as np
import pandas as pd

from repgeom.stimuli.clutter.parameters import ClutterParameters, target_labels
from repgeom.stimuli.clutter.sources import Sources

LABEL_COLUMNS = {
    "id": "of the canvas",
    "category": "of its target",
    "x": "centre of the target in px from the left",
    "y": "centre of the target in px from the top",
    "scale": "zoom factor of the target",
    "angle": "of the target in degrees, counter-clockwise",
}


def label_table(parameters: ClutterParameters, sources: Sources) -> pd.DataFrame:
    """What the target of every canvas is."""
    rows, target = np.arange(len(parameters)), parameters.target
    properties = {name: getattr(parameters, name)[rows, target] for name in ("x", "y", "scale", "angle")}
    properties["scale"] = properties["scale"] * parameters.prior_scale[rows, target]
    properties["angle"] = properties["angle"] + parameters.prior_angle[rows, target]
    category = [sources.class_names[c] for c in target_labels(parameters, sources).category]
    return pd.DataFrame({"id": parameters.stimulus_ids, "category": category} | properties)
