"""The two datasets that the objects of a canvas come from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import torch

from repgeom.datasets.images import LabelledImages
from repgeom.errors import InputError


@dataclass(frozen=True, eq=False)
class Sources:
    """Images of two domains, one after the other, with categories counted through both.

    Parameters
    ----------
    images : (n, size, size) uint8 in 0–255 or float32 in [0, 1]
        On the device that renders.
    categories : (n,) int64
        Indices into `class_names`; those of the first domain come before those of the second.
    domain_starts : (3,) int64
        Domain d has the images ``domain_starts[d]:domain_starts[d + 1]``.
    class_names
        Of both domains.
    """

    images: torch.Tensor
    categories: np.ndarray
    domain_starts: np.ndarray
    class_names: tuple[str, ...]

    @classmethod
    def from_domains(cls, first: LabelledImages, second: LabelledImages, device: torch.device | str = "cpu") -> Self:
        """Join two datasets, for instance digits and clothing, and put the images on a device.

        Raises
        ------
        InputError
            If the images are not square, of one channel and of one size, or a domain is empty.
        """
        _check_shapes(first, second)
        is_bytes = first.images.dtype == second.images.dtype == np.uint8
        images = np.concatenate([d.images if is_bytes else d.to_float() for d in (first, second)])
        return cls(
            torch.from_numpy(images).to(device),
            np.concatenate([first.labels, second.labels + len(first.class_names)]),
            np.cumsum([0, len(first), len(second)]),
            first.class_names + second.class_names,
        )

    @property
    def device(self) -> torch.device:
        """Where canvases are rendered."""
        return self.images.device

    @property
    def image_size(self) -> int:
        """Height and width in px."""
        return self.images.shape[-1]

    @property
    def pixel_unit(self) -> float:
        """What a pixel of 1 stands for in [0, 1]."""
        return 1 / 255 if self.images.dtype == torch.uint8 else 1.0

    @cached_property
    def by_category(self) -> np.ndarray:
        """(n,) int64: image indices sorted by category, hence by domain too."""
        return np.argsort(self.categories, kind="stable")

    @cached_property
    def category_starts(self) -> np.ndarray:
        """(n_categories + 1,) int64: where each category begins in :attr:`by_category`."""
        return np.searchsorted(self.categories[self.by_category], np.arange(len(self.class_names) + 1))

    def domain_of(self, index: np.ndarray) -> np.ndarray:
        """Domain, 0 or 1, of images given by index."""
        return (index >= self.domain_starts[1]).astype(np.int64)


def _check_shapes(first: LabelledImages, second: LabelledImages) -> None:
    for name, images in (("first", first.images), ("second", second.images)):
        if images.ndim != 3 or images.shape[1] != images.shape[2] or len(images) == 0:
            raise InputError(
                f"clutter, {name} domain: images have shape {images.shape}; "
                "give at least one square image, (n, size, size)"
            )
    if first.images.shape[1:] != second.images.shape[1:]:
        raise InputError(
            f"clutter: the images of the two domains are {first.images.shape[-1]} and "
            f"{second.images.shape[-1]} px wide; bring them to one size"
        )
