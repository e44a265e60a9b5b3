"""The definition of a cluttered canvas, written as loops over SciPy calls: slow, plain, independent of the package."""

import numpy as np
from scipy import ndimage


def reference_canvas(parameters, sources, row):
    """Canvas `row` of the parameters, (size, size) float64."""
    canvas = np.zeros(2 * (parameters.spec.canvas_size,))
    for k in range(parameters.source.shape[1]):
        obj = _transformed(parameters, sources, row, k)
        if k != parameters.target[row]:
            obj = _scrambled(obj, parameters.permutation[row, k], parameters.spec.grid)
        top = int(np.floor(parameters.y[row, k] - len(obj) / 2 + 0.5))
        left = int(np.floor(parameters.x[row, k] - len(obj) / 2 + 0.5))
        _overlay(canvas, _stretched(obj), top, left)
    return _stretched(canvas)


def _transformed(parameters, sources, row, k):
    image = sources.images[parameters.source[row, k]].numpy()
    obj = image / 255 if image.dtype == np.uint8 else image.astype(float)
    if parameters.prior_scale[row, k] != 1:
        obj = ndimage.zoom(obj, parameters.prior_scale[row, k], order=3)
    obj = ndimage.zoom(obj, parameters.scale[row, k], order=3)
    if parameters.prior_angle[row, k] != 0:
        obj = ndimage.rotate(obj, parameters.prior_angle[row, k], reshape=False, order=3)
    return ndimage.rotate(obj, parameters.angle[row, k], reshape=False, order=3)


def _scrambled(obj, permutation, grid):
    cell = len(obj) // grid
    cells = [
        obj[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell]
        for row in range(grid)
        for column in range(grid)
    ]
    scrambled = np.zeros_like(obj)
    shuffled = [[cells[permutation[row * grid + column]] for column in range(grid)] for row in range(grid)]
    scrambled[: grid * cell, : grid * cell] = np.block(shuffled)
    return scrambled


def _stretched(values):
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _overlay(canvas, obj, top, left):
    size = len(obj)
    rows = slice(max(top, 0), min(top + size, len(canvas)))
    columns = slice(max(left, 0), min(left + size, len(canvas)))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = obj[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        canvas[rows, columns] = (1 - part) * canvas[rows, columns] + part**2
