"""Perturbations of images that need no network: noise, contrast, blur, occlusion, rotation, each with a strength.

A strength of 0 leaves images as they are. Images lie in [0, 1], and so does what is returned. What is random is drawn
image by image from a seed and the image's place, the same at every strength.
"""

from collections.abc import Callable

import numpy as np
import scipy.ndimage

from repgeom.errors import InputError

Perturbation = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def gaussian_noise(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Independent normal noise is added to every value; `strength` is its standard deviation, in pixel units."""
    return image + strength * rng.standard_normal(image.shape)


def contrast(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Values are drawn towards the image's mean; `strength` is the share of contrast that is lost, 1 leaves grey."""
    mean = image.mean()
    return mean + (1 - strength) * (image - mean)


def blur(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Convolution with a Gaussian; `strength` is its standard deviation, in pixels."""
    sigma = (0,) * (image.ndim - 2) + (strength, strength)
    return scipy.ndimage.gaussian_filter(image, sigma, mode="nearest")


def occlusion(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A grey rectangle of the image's proportions at a random place; `strength` is the share of the area it covers."""
    height, width = image.shape[-2:]
    tall, wide = (round(side * np.sqrt(strength)) for side in (height, width))
    above, beside = rng.random(2)
    top, left = round(above * (height - tall)), round(beside * (width - wide))
    found = image.copy()
    found[..., top : top + tall, left : left + wide] = 0.5
    return found


def rotation(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Counter-clockwise rotation about the middle, bilinear, the border repeated; `strength` is the angle, degrees."""
    axes = (image.ndim - 2, image.ndim - 1)
    return scipy.ndimage.rotate(image, strength, axes=axes, reshape=False, order=1, mode="nearest")


PERTURBATIONS: dict[str, Perturbation] = {
    "gaussian_noise": gaussian_noise,
    "contrast": contrast,
    "blur": blur,
    "occlusion": occlusion,
    "rotation": rotation,
}


def perturb(images: np.ndarray, method: str, strengths: np.ndarray, seed: int, places: np.ndarray) -> np.ndarray:
    """Perturb images, each with a strength of its own.

    Parameters
    ----------
    images : (n, h, w) or (n, c, h, w) float in [0, 1]
    method : str
        One of `PERTURBATIONS`.
    strengths : (n,)
    seed : int
    places : (n,) int
        Which image each is: images of one place are perturbed with the same random numbers.

    Raises
    ------
    InputError
        A share above 1.
    """
    if method in ("contrast", "occlusion") and np.max(strengths) > 1:
        raise InputError(f"{method}: strength {np.max(strengths):g} is above 1; it is a share")
    change = PERTURBATIONS[method]
    found = np.array(images, dtype=np.float64)
    for i, (strength, place) in enumerate(zip(strengths, places, strict=True)):
        if strength:
            found[i] = change(found[i], float(strength), np.random.default_rng([seed, int(place)]))
    return np.clip(found, 0, 1).astype(np.float32)
