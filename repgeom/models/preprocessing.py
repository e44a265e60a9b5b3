"""What a network is given of an image: resized, cropped in the middle, normalised, as torchvision does it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from repgeom.errors import InputError

Statistic = float | Sequence[float]


@dataclass(frozen=True)
class Preprocessing:
    """Pixels in [0, 1] → what a network is given. Differentiable, so that attacks go through it.

    Attributes
    ----------
    mean, std : float or one float per channel
        Subtracted from and divided into the pixels, last of all.
    resize : int or None
        The shorter side, in pixels; what the images measure is left as it is otherwise.
    crop : int or None
        Height and width of the middle that is kept.
    interpolation : str
        Of resizing: `bilinear` or `bicubic`, both antialiased.
    """

    mean: Statistic = 0.0
    std: Statistic = 1.0
    resize: int | None = None
    crop: int | None = None
    interpolation: str = "bilinear"

    def __call__(self, images: Tensor) -> Tensor:
        """Images (n, c, h, w) as the network is given them.

        Raises
        ------
        InputError
            They have another number of channels than `mean` and `std`, or are smaller than the crop.
        """
        if self.resize:
            images = self._resized(images)
        if self.crop:
            images = self._cropped(images)
        return (images - self._per_channel(self.mean, images)) / self._per_channel(self.std, images)

    def _resized(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        longer = int(self.resize * max(height, width) / min(height, width))
        size = (self.resize, longer) if height <= width else (longer, self.resize)
        return F.interpolate(images, size, mode=self.interpolation, align_corners=False, antialias=True)

    def _cropped(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        if min(height, width) < self.crop:
            raise InputError(f"images of {height} × {width} px are smaller than the crop of {self.crop}; give a resize")
        top, left = (round((side - self.crop) / 2) for side in (height, width))
        return images[..., top : top + self.crop, left : left + self.crop]

    def _per_channel(self, values: Statistic, images: Tensor) -> float | Tensor:
        if not isinstance(values, Sequence):
            return values
        if len(values) != images.shape[1]:
            raise InputError(
                f"normalise has {len(values)} values, but the images {images.shape[1]} channels; set the dataset's "
                "mode, or normalise"
            )
        return torch.as_tensor(values, dtype=images.dtype, device=images.device)[:, None, None]
