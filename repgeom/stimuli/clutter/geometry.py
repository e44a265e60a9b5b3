"""From the parameters of canvases to what rendering needs: sizes, corners, sampling matrices."""

from typing import NamedTuple

import numpy as np
from scipy import special

from repgeom.stimuli.clutter.parameters import ClutterParameters
from repgeom.stimuli.clutter.splines import Step


class Geometry(NamedTuple):
    """Where n canvases with k objects each have them.

    Parameters
    ----------
    size : (n, k) int64
        Height and width in px after zooming.
    corner : (n, k, 2) int64
        Row and column of the upper left pixel; may lie outside the canvas.
    rotation, prior_rotation : (n, k, 2, 3) float64
        Pixel (i, j) of a rotated object shows the unrotated one at ``rotation @ (i, j, 1)``.
    is_rotated_twice : (n, k) bool
        Whether `prior_rotation` is anything but the identity.
    zoom_step, prefilter_step : (n, k) int64
        Index into `steps`: from the source image to coefficients; and, before a second rotation, from the once
        rotated object to coefficients.
    steps
        The distinct steps of all objects.
    """

    size: np.ndarray
    corner: np.ndarray
    rotation: np.ndarray
    prior_rotation: np.ndarray
    is_rotated_twice: np.ndarray
    zoom_step: np.ndarray
    prefilter_step: np.ndarray
    steps: tuple[Step, ...]


def locate(parameters: ClutterParameters) -> Geometry:
    """Sizes rounded as SciPy does; corners to the nearest pixel, halves upwards."""
    middle = np.rint(parameters.spec.object_size * parameters.prior_scale).astype(np.int64)
    size = np.rint(middle * parameters.scale).astype(np.int64)
    centre = np.stack([parameters.y, parameters.x], axis=-1)
    is_rotated_twice = parameters.prior_angle != 0
    zoom_step, prefilter_step, steps = _number_steps(parameters, middle, size, is_rotated_twice)
    return Geometry(
        size=size,
        corner=np.floor(centre - size[..., None] / 2 + 0.5).astype(np.int64),
        rotation=_rotation(parameters.angle, size),
        prior_rotation=_rotation(parameters.prior_angle, size),
        is_rotated_twice=is_rotated_twice,
        zoom_step=zoom_step,
        prefilter_step=prefilter_step,
        steps=steps,
    )


def is_cut(parameters: ClutterParameters) -> np.ndarray:
    """Whether the square of each object reaches beyond the canvas, (n, k) bool."""
    geometry = locate(parameters)
    ends = geometry.corner + geometry.size[..., None]
    return ((geometry.corner < 0) | (ends > parameters.spec.canvas_size)).any(axis=-1)


def _rotation(angle: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Rotation by degrees about the centre of size × size pixels, from output to input coordinates."""
    c, s = special.cosdg(angle), special.sindg(angle)
    linear = np.stack([np.stack([c, s], axis=-1), np.stack([-s, c], axis=-1)], axis=-2)
    centre = ((size - 1) / 2)[..., None]
    shift = centre - linear.sum(axis=-1) * centre
    return np.concatenate([linear, shift[..., None]], axis=-1)


def _number_steps(
    parameters: ClutterParameters, middle: np.ndarray, size: np.ndarray, is_rotated_twice: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[Step, ...]]:
    """Number the steps; those of every size in the recipe come along, so that batches share one table."""
    start = parameters.spec.object_size
    usual = _encode(start, start, np.array(parameters.spec.sizes))
    zoom = _encode(start, middle, size)
    prefilter = np.where(is_rotated_twice, _encode(size, size, size), zoom)
    codes = np.unique(np.concatenate([usual, zoom.ravel(), prefilter[is_rotated_twice]]))
    return np.searchsorted(codes, zoom), np.searchsorted(codes, prefilter), tuple(map(_decode, codes.tolist()))


_SIZE_BITS = 20


def _encode(start: int | np.ndarray, middle: int | np.ndarray, end: np.ndarray) -> np.ndarray:
    """A step as one integer, because integers are quickly sorted."""
    return (np.int64(start) << 2 * _SIZE_BITS) | (np.int64(middle) << _SIZE_BITS) | end


def _decode(code: int) -> Step:
    mask = (1 << _SIZE_BITS) - 1
    return code >> 2 * _SIZE_BITS, (code >> _SIZE_BITS) & mask, code & mask
