"""Words in names of files that stand for something particular."""

LAST = "last"
"""The `epoch` of the last weights; others are written `epoch003`."""
NOTHING = "_"
"""The `stimuli` where a network is shown nothing."""
