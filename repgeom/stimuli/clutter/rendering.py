"""Parameters in, canvases out."""

from functools import lru_cache

import numpy as np
import torch

from repgeom.stimuli.clutter.batched import render_batch
from repgeom.stimuli.clutter.compiled import render_canvases
from repgeom.stimuli.clutter.geometry import locate
from repgeom.stimuli.clutter.parameters import ClutterParameters
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.splines import Step, operator_table

_BATCH = 256  # canvases at a time on an accelerator: some 300 MB of intermediate results


def render(parameters: ClutterParameters, sources: Sources) -> torch.Tensor:
    """Draw canvases on the device of the sources.

    Each object is zoomed, rotated (both by cubic splines, as ``scipy.ndimage.zoom`` and ``rotate`` with
    ``reshape=False``), scrambled unless it is the target, min–max normalised to o, and laid over the canvas c,
    which becomes (1 − o)·c + o². What reaches beyond the canvas is cut off. At last the canvas is min–max
    normalised; constant objects and canvases become zero.

    Parameters
    ----------
    parameters
        Of n canvases.
    sources
        The same that the parameters were drawn from.

    Returns
    -------
    (n, canvas_size, canvas_size) float32 in [0, 1]
    """
    if sources.device.type == "cpu":
        return _render_compiled(parameters, sources)
    batches = [parameters[start : start + _BATCH] for start in range(0, len(parameters), _BATCH)]
    return torch.cat([render_batch(batch, sources) for batch in batches])


def _render_compiled(parameters: ClutterParameters, sources: Sources) -> torch.Tensor:
    geometry = locate(parameters)
    canvases = np.empty((len(parameters), *2 * (parameters.spec.canvas_size,)), dtype=np.float32)
    render_canvases(
        sources.images.numpy(),
        np.float32(sources.pixel_unit),
        parameters.source,
        parameters.target,
        parameters.permutation,
        parameters.spec.grid,
        geometry.size,
        geometry.corner,
        geometry.rotation,
        geometry.prior_rotation,
        geometry.is_rotated_twice,
        geometry.zoom_step,
        geometry.prefilter_step,
        _single_precision_table(geometry.steps),
        canvases,
    )
    return torch.from_numpy(canvases)


@lru_cache(maxsize=32)
def _single_precision_table(steps: tuple[Step, ...]) -> np.ndarray:
    return operator_table(steps).astype(np.float32)
