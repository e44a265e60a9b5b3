"""Which versions of a canvas there are. Known without numpy, so that a configuration can be checked at once."""

from typing import Literal, get_args

Swap = Literal["x", "y", "orientation", "scale", "category_within", "category_across"]
SwapDefinition = Literal["corrected", "as_published"]
Version = Literal["cluttered", "clean", Swap]

SWAPS: tuple[Swap, ...] = get_args(Swap)
SWAP_DEFINITIONS: tuple[SwapDefinition, ...] = get_args(SwapDefinition)
