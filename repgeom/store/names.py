"""Words in names of files that stand for something particular."""

LAST = "last"
"""The `epoch` of the last weights; others are written `epoch003`."""
NOTHING = "_"
"""The `stimuli` where a network is shown nothing."""


def published_dataset(dataset: str) -> str:
    """The dataset of published numbers that ours may stand beside: all images, where ours are the first ones."""
    return dataset.replace("-10k", "")
