"""What networks answer to adversarial examples: tidy rows."""

import numpy as np
import pandas as pd

from repgeom.measures.uncertainty import wilson_interval
from repgeom.store.stimuli import StimulusSet

ANSWER_COLUMNS = {
    "images": "clean or attacked",
    "id": "the image",
    "label": "its class",
    "largest_change": "largest absolute difference of a pixel from the clean image (pixel units, 0–1)",
    "predicted": "class that the attacked model reports",
    "held_out": "class that another model reports",
}


def answer_rows(name: str, clean: StimulusSet, shown: StimulusSet, answers: dict[str, np.ndarray]) -> list[dict]:
    """One row per image of `shown`; `answers` are the classes (n,) that each network reports."""
    changes = np.abs(shown.images - clean.images).reshape(len(clean.ids), -1).max(axis=1)
    return [
        {"images": name, "id": i, "label": int(label), "largest_change": float(change)}
        | {network: int(classes[n]) for network, classes in answers.items()}
        for n, (i, label, change) in enumerate(zip(shown.ids, shown.labels, changes, strict=True))
    ]


def share_correct(rows: pd.DataFrame, network: str) -> str:
    """How many images one network names correctly, with the 95 % interval, as text."""
    correct, n = int((rows[network] == rows["label"]).sum()), len(rows)
    low, high = wilson_interval(correct, n)
    return f"{correct / n:.0%} ({low:.0%}–{high:.0%})"
