"""Canvases on processors: compiled loops over images, each with its few kilobytes in the cache.

Pixels are computed in float32; which pixels of a rotated object lie inside it is decided in float64, as SciPy does.
No sum depends on how many images are rendered together or on how many threads do it.

Loops are written for the vectoriser: over whole rows of padded arrays, with nothing that may alias or branch.
"""

import numpy as np
from numba import float32, int32, prange, uint32

from repgeom.jit import njit
from repgeom.stimuli.clutter.splines import MARGIN, SIDE_MULTIPLE

_FAST = {"contract", "reassoc", "nsz"}  # sums may be reordered; infinities and NaN keep their meaning
_ONE = np.float32(1)
_HALF = np.float32(1 / 2)
_SIXTH = np.float32(1 / 6)
_TWO_THIRDS = np.float32(2 / 3)


@njit(parallel=True, error_model="numpy")
def render_canvases(
    images, pixel_unit, source, target, permutation, grid, size, corner, rotation, prior_rotation,
    is_rotated_twice, zoom_step, prefilter_step, operators, canvases,
):  # fmt: skip
    """Fill canvases (n, height, width) float32; the other arguments as in the parameters and the geometry.

    `operators` is the table of `splines` in float32; `pixel_unit` is the value in [0, 1] of a pixel of 1.
    """
    side = operators.shape[2]
    for n in prange(len(canvases)):
        pixels = np.zeros((side, side), np.float32)
        half_done = np.empty((side, side), np.float32)
        coefficients = np.empty((side, side), np.float32)
        drawn = np.empty((side, side), np.float32)
        scrambled = np.empty((side, side), np.float32)
        weights = np.empty((8, side), np.float32)
        bases = np.empty(side, np.int32)
        canvases[n] = 0
        for k in range(source.shape[1]):
            s = size[n, k]
            start = _read(images[source[n, k]], pixel_unit, pixels)
            _expand(operators[zoom_step[n, k]], pixels, start, s, half_done, coefficients)
            if is_rotated_twice[n, k]:
                pixels[:] = 0
                _rotate(coefficients, s, prior_rotation[n, k], weights, bases, pixels)
                _expand(operators[prefilter_step[n, k]], pixels, s, s, half_done, coefficients)
                pixels[:] = 0
            _rotate(coefficients, s, rotation[n, k], weights, bases, drawn)
            if k == target[n]:
                _blend(canvases[n], drawn, s, corner[n, k])
            else:
                _scramble(drawn, s, permutation[n, k], grid, scrambled)
                _blend(canvases[n], scrambled, s, corner[n, k])
        _normalise(canvases[n])


@njit(error_model="numpy")
def _read(image, pixel_unit, pixels):
    """Copy a source image into the corner of a blank array; returns its size."""
    for i in range(len(image)):
        for j in range(len(image)):
            pixels[i, j] = float32(image[i, j]) * pixel_unit
    return len(image)


@njit(error_model="numpy")
def _expand(operator, image, image_size, size, half_done, coefficients):
    """Spline coefficients ``coefficients.T = A @ image @ A.T`` of an object, where `operator` is A transposed.

    Arrays are zero beyond their contents, so that rows can be added by fours and vectors be full.
    """
    width = -(-(size + MARGIN) // SIDE_MULTIPLE) * SIDE_MULTIPLE
    n_rows = -(-image_size // 4) * 4
    _multiply(image, operator, n_rows, n_rows, width, half_done)
    _multiply(operator, half_done, size + MARGIN, n_rows, width, coefficients)


@njit(fastmath=_FAST, error_model="numpy")
def _multiply(left, right, height, n_rows, width, product):
    """``product = left.T @ right``, skipping what is blank in the left; both are read along rows."""
    for i in range(height):
        product[i, :width] = 0
        for k in range(0, n_rows, 4):
            a, b, c, d = left[k, i], left[k + 1, i], left[k + 2, i], left[k + 3, i]
            if a != 0 or b != 0 or c != 0 or d != 0:
                for x in range(width):
                    product[i, x] += (a * right[k, x] + b * right[k + 1, x]) + (
                        c * right[k + 2, x] + d * right[k + 3, x]
                    )


@njit(error_model="numpy")
def _rotate(coefficients, size, rotation, weights, bases, drawn):
    """Sample an object (from its transposed coefficients) on a rotated grid; zero where that leaves it."""
    for i in range(size):
        start, stop = _inside(size, rotation, i)
        drawn[i, :start] = 0
        drawn[i, stop:size] = 0
        row = float32(rotation[0, 0] * i + rotation[0, 1] * start + rotation[0, 2])
        column = float32(rotation[1, 0] * i + rotation[1, 1] * start + rotation[1, 2])
        steps = float32(rotation[0, 1]), float32(rotation[1, 1])
        n_samples = stop - start
        _weigh(row, column, steps, float32(size - 1), coefficients.shape[1], n_samples, weights, bases)
        _sample(coefficients, weights, bases, n_samples, drawn, i, start)


@njit(error_model="numpy")
def _inside(size, rotation, i):
    """First and last-but-one column of row i whose rotated position lies within the samples of the object."""
    start, stop = 0, size
    while start < stop and not _is_inside(size, rotation, i, start):
        start += 1
    while start < stop and not _is_inside(size, rotation, i, stop - 1):
        stop -= 1
    return start, stop


@njit(error_model="numpy")
def _is_inside(size, rotation, i, j):
    row = rotation[0, 2] + i * rotation[0, 0] + j * rotation[0, 1]
    column = rotation[1, 2] + i * rotation[1, 0] + j * rotation[1, 1]
    return 0 <= row <= size - 1 and 0 <= column <= size - 1


@njit(fastmath=_FAST, error_model="numpy")
def _weigh(row, column, steps, last, stride, n_samples, weights, bases):
    """Where the 4 × 4 coefficients of each sample begin, and the cubic B-spline at their rows and columns.

    Round-off may put a sample a hair outside the object: it is moved back onto its edge.
    """
    for j in range(n_samples):
        y = min(max(row + steps[0] * float32(j), float32(0)), last)
        x = min(max(column + steps[1] * float32(j), float32(0)), last)
        whole_y, whole_x = int32(y), int32(x)
        bases[j] = whole_x * int32(stride) + whole_y
        t, u = y - float32(whole_y), x - float32(whole_x)
        r, v = _ONE - t, _ONE - u
        weights[0, j], weights[3, j] = r * r * r * _SIXTH, t * t * t * _SIXTH
        weights[1, j] = _TWO_THIRDS + t * t * (_HALF * t - _ONE)
        weights[2, j] = _TWO_THIRDS + r * r * (_HALF * r - _ONE)
        weights[4, j], weights[7, j] = v * v * v * _SIXTH, u * u * u * _SIXTH
        weights[5, j] = _TWO_THIRDS + u * u * (_HALF * u - _ONE)
        weights[6, j] = _TWO_THIRDS + v * v * (_HALF * v - _ONE)


@njit(fastmath=_FAST, error_model="numpy")
def _sample(coefficients, weights, bases, n_samples, drawn, i, start):
    """Sums over 4 × 4 coefficients, into row i from `start`.

    Indices are unsigned, because signed ones are tested for being negative.
    """
    flat = coefficients.reshape(-1)
    stride = uint32(coefficients.shape[1])
    one, two, three = uint32(1), uint32(2), uint32(3)
    for j in range(n_samples):
        a = uint32(bases[j])
        b, c, d = uint32(a + stride), uint32(a + two * stride), uint32(a + three * stride)
        p, q, r, s = weights[4, j], weights[5, j], weights[6, j], weights[7, j]
        first = p * flat[a] + q * flat[b] + r * flat[c] + s * flat[d]
        second = p * flat[a + one] + q * flat[b + one] + r * flat[c + one] + s * flat[d + one]
        third = p * flat[a + two] + q * flat[b + two] + r * flat[c + two] + s * flat[d + two]
        fourth = p * flat[a + three] + q * flat[b + three] + r * flat[c + three] + s * flat[d + three]
        upper = weights[0, j] * first + weights[1, j] * second
        drawn[i, start + j] = upper + (weights[2, j] * third + weights[3, j] * fourth)


@njit(error_model="numpy")
def _scramble(drawn, size, permutation, grid, scrambled):
    """Permute grid × grid cells; what remains at the lower and right border is zero."""
    cell = size // grid
    scrambled[:size, :size] = 0
    for number in range(grid * grid):
        row, column = number // grid * cell, number % grid * cell
        from_row, from_column = permutation[number] // grid * cell, permutation[number] % grid * cell
        for i in range(cell):
            for j in range(cell):
                scrambled[row + i, column + j] = drawn[from_row + i, from_column + j]


@njit(fastmath=_FAST, error_model="numpy")
def _blend(canvas, drawn, size, corner):
    """``canvas = (1 - o) * canvas + o ** 2`` with the min–max normalised object o, clipped to the canvas."""
    low, factor = _range(drawn, size, size)
    top, left = corner
    first, last = max(0, -left), min(size, canvas.shape[1] - left)
    for i in range(max(0, -top), min(size, canvas.shape[0] - top)):
        for j in range(first, last):
            o = (drawn[i, j] - low) * factor
            canvas[top + i, left + j] = (_ONE - o) * canvas[top + i, left + j] + o * o


@njit(fastmath=_FAST, error_model="numpy")
def _normalise(canvas):
    """Stretch the canvas to [0, 1]; a constant one becomes zero."""
    low, factor = _range(canvas, canvas.shape[0], canvas.shape[1])
    for i in range(canvas.shape[0]):
        for j in range(canvas.shape[1]):
            canvas[i, j] = (canvas[i, j] - low) * factor


@njit(fastmath=_FAST, error_model="numpy")
def _range(values, height, width):
    """Minimum, and one over the range (0 if there is none); by columns first, which runs in vectors."""
    lows, highs = values[0].copy(), values[0].copy()
    for i in range(1, height):
        for j in range(width):
            lows[j] = min(lows[j], values[i, j])
            highs[j] = max(highs[j], values[i, j])
    low, high = lows[:width].min(), highs[:width].max()
    return low, _ONE / (high - low) if high > low else float32(0)
