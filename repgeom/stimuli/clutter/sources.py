"""The two datasets that the objects of a canvas come from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import torch

from repgeom.errors import InputError


@dataclass(frozen=True, eq=False)
class Sources:
    """Images of two domains, one after the other, with categories counted through both.

    Use :meth:`from_domains`, which checks its input.

    Parameters
    ----------
    images : (n, size, size) uint8 in 0–255 or float32 in [0, 1]
    categories : (n,) int64
        Those of the first domain come before those of the second.
    domain_starts : (3,) int64
        Domain d has the images ``domain_starts[d]:domain_starts[d + 1]``.
    """

    images: torch.Tensor
    categories: np.ndarray
    domain_starts: np.ndarray

    @classmethod
    def from_domains(
        cls,
        first: tuple[np.ndarray, np.ndarray],
        second: tuple[np.ndarray, np.ndarray],
        device: torch.device | str = "cpu",
    ) -> Self:
        """Join two datasets, for instance digits and clothing.

        Parameters
        ----------
        first, second
            Images (n, size, size), uint8 or floats in [0, 1], and labels (n,), integers from 0.
        device
            Where the images are kept and the canvases are rendered.

        Raises
        ------
        InputError
            If shapes, types or ranges are wrong, or the two domains differ in image size or type.
        """
        for name, (images, labels) in (("first", first), ("second", second)):
            _check_domain(name, images, labels)
        if first[0].shape[1:] != second[0].shape[1:] or first[0].dtype.kind != second[0].dtype.kind:
            raise InputError(
                f"clutter sources: the domains hold {first[0].dtype} images of {first[0].shape[1:]} px and "
                f"{second[0].dtype} images of {second[0].shape[1:]} px; bring them to one type and size"
            )
        images = np.concatenate([first[0], second[0]])
        images = images if images.dtype == np.uint8 else images.astype(np.float32)
        n_first_classes = int(first[1].max()) + 1
        categories = np.concatenate([first[1], second[1].astype(np.int64) + n_first_classes])
        starts = np.cumsum([0, len(first[0]), len(second[0])])
        return cls(torch.from_numpy(images).to(device), categories.astype(np.int64), starts)

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
    def n_categories(self) -> int:
        """Over both domains."""
        return int(self.categories.max()) + 1

    @cached_property
    def by_category(self) -> np.ndarray:
        """(n,) int64: image indices sorted by category, hence by domain too."""
        return np.argsort(self.categories, kind="stable")

    @cached_property
    def category_starts(self) -> np.ndarray:
        """(n_categories + 1,) int64: where each category begins in :attr:`by_category`."""
        return np.searchsorted(self.categories[self.by_category], np.arange(self.n_categories + 1))

    def domain_of(self, index: np.ndarray) -> np.ndarray:
        """Domain, 0 or 1, of images given by index."""
        return (index >= self.domain_starts[1]).astype(np.int64)


def _check_domain(name: str, images: np.ndarray, labels: np.ndarray) -> None:
    where = f"clutter sources, {name} domain"
    if images.ndim != 3 or images.shape[1] != images.shape[2] or len(images) == 0:
        raise InputError(f"{where}: images must be (n, size, size) with n > 0, got {images.shape}")
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise InputError(
            f"{where}: labels must be {len(images)} integers from 0, one per image, "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    if images.dtype == np.uint8:
        return
    if images.dtype.kind != "f" or not (images.min() >= 0 and images.max() <= 1):
        raise InputError(f"{where}: images must be uint8, or finite floats in [0, 1], got {images.dtype}")
