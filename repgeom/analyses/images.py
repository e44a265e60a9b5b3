"""Images that networks are shown, and how far each lies from its original."""

from collections.abc import Iterator, Sequence

import numpy as np

from repgeom.store.stimuli import StimulusSet, original_ids, read_class_names, read_stimuli

IMAGE_COLUMNS = {
    "images": "the set, and whose gradients attacked it",
    "id": "the image",
    "label": "its class",
    "largest_change": "largest absolute difference of a pixel from the same image in the first set (pixel units, "
    "0–1); empty where the first set does not hold it",
}


def image_rows(title: str, shown: StimulusSet, first: StimulusSet) -> Iterator[dict]:
    """One row per image of `shown`, beside the images of the `first` set: `IMAGE_COLUMNS`."""
    originals = dict(zip(first.ids, first.images, strict=True))
    before_change = original_ids(shown.ids, shown.descriptors)
    for i, original, label, image in zip(shown.ids, before_change, shown.labels, shown.images, strict=True):
        before = originals.get(original)
        change = np.nan if before is None else float(np.abs(image - before).max())
        yield {"images": title, "id": i, "label": int(label), "largest_change": change}


def class_names(path: str, labels: np.ndarray) -> list[str]:
    """The names of the classes of labels (n,), as the stimuli at `path` tell; numbers where they do not."""
    names = dict(enumerate(read_class_names(path)))
    return [names.get(int(label), str(label)) for label in labels]


def shown_images(path: str, original: str, ids: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Names of the classes (n,) and images (n, …) of some stimuli of `path`, whose classes are named in `original`."""
    stimuli = read_stimuli(path)
    places = {name: i for i, name in enumerate(stimuli.ids.astype(str))}
    chosen = [places[str(name)] for name in ids]
    return class_names(original, stimuli.labels[chosen]), stimuli.images[chosen]
