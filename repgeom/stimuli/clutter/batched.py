"""Canvases on any torch device with float64: the objects of all canvases at once, padded to the largest of them.

Products with operators and sampling positions are computed in float64, which neither autocast nor the reduced
precision that training may have set for float32 products touches; pixels are float32.
"""

from functools import lru_cache

import numpy as np
import torch

from repgeom.stimuli.clutter.geometry import Geometry, locate
from repgeom.stimuli.clutter.parameters import ClutterParameters
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.splines import Step, operator_table


@torch.no_grad()
def render_batch(parameters: ClutterParameters, sources: Sources) -> torch.Tensor:
    """Draw all canvases at once, (n, canvas_size, canvas_size) float32 on the device of the sources."""
    geometry = locate(parameters)
    objects = _transformed_objects(parameters, sources, geometry)
    size = _flat(geometry.size, sources.device)
    is_target = _flat(parameters.is_target, sources.device)
    permutation = _flat(parameters.permutation, sources.device)
    objects = _scramble(objects, size, is_target, permutation, parameters.spec.grid)
    objects = _stretch(objects, _within(size, objects.shape[-1]))
    objects = objects.unflatten(0, geometry.size.shape)
    corner = torch.from_numpy(geometry.corner).to(sources.device)
    canvases = _overlay(objects, size.view(geometry.size.shape), corner, parameters.spec.canvas_size)
    return _stretch(canvases, torch.ones_like(canvases, dtype=torch.bool))


def _flat(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array (n, k, …) of all objects as a tensor (n · k, …)."""
    return torch.from_numpy(array).to(device).flatten(0, 1)


def _transformed_objects(parameters: ClutterParameters, sources: Sources, geometry: Geometry) -> torch.Tensor:
    """Zoomed and rotated objects, (n · k, largest size, largest size) float32, zero beyond their own size."""
    device = sources.device
    table = _table_on(geometry.steps, device)
    size, rotation = _flat(geometry.size, device), _flat(geometry.rotation, device)
    images = sources.images[_flat(parameters.source, device)].double() * sources.pixel_unit
    coefficients = _expand(images, table[_flat(geometry.zoom_step, device)])
    largest = int(geometry.size.max(initial=1))
    twice = geometry.is_rotated_twice
    if twice.any():
        rows = torch.from_numpy(twice.ravel().nonzero()[0]).to(device)
        prior = _flat(geometry.prior_rotation, device)[rows]
        rotated = _rotate(coefficients[rows], size[rows], prior, largest).double()
        coefficients[rows] = _expand(rotated, table[_flat(geometry.prefilter_step, device)[rows]])
    return _rotate(coefficients, size, rotation, largest)


@lru_cache(maxsize=32)
def _table_on(steps: tuple[Step, ...], device: torch.device) -> torch.Tensor:
    return torch.tensor(operator_table(steps), device=device)


def _expand(images: torch.Tensor, operators: torch.Tensor) -> torch.Tensor:
    """Spline coefficients ``A @ image @ A.T`` of images (N, m, m), given the transposed A (N, side, side)."""
    operators = operators[:, : images.shape[-1]]
    return (operators.transpose(1, 2) @ images @ operators).float()


def _rotate(coefficients: torch.Tensor, size: torch.Tensor, rotation: torch.Tensor, largest: int) -> torch.Tensor:
    """Sample (N, side, side) coefficients on rotated grids of largest × largest points, zero outside."""
    along = torch.arange(largest, dtype=torch.float64, device=size.device)
    last = (size - 1).double()[:, None, None]
    position = [
        rotation[:, axis, 2, None, None]
        + along[:, None] * rotation[:, axis, 0, None, None]
        + along * rotation[:, axis, 1, None, None]
        for axis in (0, 1)
    ]
    is_inside = _within(size, largest)
    for coordinate in position:
        is_inside &= (coordinate >= 0) & (coordinate <= last)
    row, column = (coordinate.clamp(min=0).minimum(last) for coordinate in position)
    return torch.where(is_inside, _sample(coefficients, row, column), 0)


def _sample(coefficients: torch.Tensor, row: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
    """Cubic B-spline sums at positions (N, h, w), none outside the samples that the coefficients stand for."""
    side = coefficients.shape[-1]
    first = (row.long() * side + column.long()).flatten(1)
    row_weights = _weights((row - row.floor()).float())
    column_weights = _weights((column - column.floor()).float())
    flat, total = coefficients.flatten(1), torch.zeros_like(row, dtype=torch.float32)
    for i, row_weight in enumerate(row_weights):
        for j, column_weight in enumerate(column_weights):
            taken = flat.gather(1, first + (i * side + j)).view(row.shape)
            total.addcmul_(row_weight * column_weight, taken)
    return total


def _weights(t: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The cubic B-spline at the four nodes around a position that is t beyond the second."""
    r = 1 - t
    return r**3 / 6, 2 / 3 + t**2 * (t / 2 - 1), 2 / 3 + r**2 * (r / 2 - 1), t**3 / 6


def _within(size: torch.Tensor, largest: int) -> torch.Tensor:
    """(N, largest, largest) bool: the pixels of each object."""
    along = torch.arange(largest, device=size.device) < size[:, None]
    return along[:, :, None] & along[:, None, :]


def _scramble(
    objects: torch.Tensor, size: torch.Tensor, is_target: torch.Tensor, permutation: torch.Tensor, grid: int
) -> torch.Tensor:
    """Permute the grid × grid cells of all but the targets; remaining rows and columns become zero."""
    largest = objects.shape[-1]
    along = torch.arange(largest, device=size.device)
    cell = (size // grid)[:, None]
    number = torch.minimum(along // cell, torch.tensor(grid - 1, device=size.device))
    shown = permutation.gather(1, (number[:, :, None] * grid + number[:, None, :]).flatten(1))
    shown = shown.view(objects.shape)
    within_cell = (along - number * cell).clamp(max=largest - 1)
    from_row = shown // grid * cell[:, None] + within_cell[:, :, None]
    from_column = shown % grid * cell[:, None] + within_cell[:, None, :]
    index = (from_row * largest + from_column).clamp(max=largest**2 - 1).flatten(1)
    scrambled = objects.flatten(1).gather(1, index).view(objects.shape)
    scrambled = torch.where(_within(cell[:, 0] * grid, largest), scrambled, 0)
    return torch.where(is_target[:, None, None], objects, scrambled)


def _stretch(images: torch.Tensor, is_counted: torch.Tensor) -> torch.Tensor:
    """Min–max normalise each of (N, h, w) images over the counted pixels; constant ones become zero."""
    low = torch.where(is_counted, images, torch.inf).amin((1, 2), keepdim=True)
    high = torch.where(is_counted, images, -torch.inf).amax((1, 2), keepdim=True)
    return torch.where(high > low, (images - low) / (high - low), 0)


def _overlay(objects: torch.Tensor, size: torch.Tensor, corner: torch.Tensor, canvas_size: int) -> torch.Tensor:
    """Lay the normalised objects (n, k, h, w) over blank canvases, one after the other."""
    n, n_objects, largest, _ = objects.shape
    canvases = objects.new_zeros(n, canvas_size, canvas_size)
    along = torch.arange(canvas_size, device=objects.device)
    for k in range(n_objects):
        position = along - corner[:, k, :, None]  # (n, 2, canvas_size), from the corner of the object
        is_covered = (position >= 0) & (position < size[:, k, None, None])
        row, column = position.clamp(0, largest - 1).unbind(1)
        index = (row[:, :, None] * largest + column[:, None, :]).flatten(1)
        drawn = objects[:, k].flatten(1).gather(1, index).view(canvases.shape)
        covered = is_covered[:, 0, :, None] & is_covered[:, 1, None, :]
        canvases = torch.where(covered, (1 - drawn) * canvases + drawn**2, canvases)
    return canvases
