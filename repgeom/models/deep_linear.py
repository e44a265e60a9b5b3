"""Linear networks with any number of hidden layers, and their exact reduction to few outputs.

A network is a tuple of weight matrices, the input side first, each ``(..., n_out, n_in)`` as in torch;
leading axes are separate networks that are computed together. There are no biases, so a network is
the product of its matrices, its *map*.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import scipy.linalg

from repgeom.errors import InputError

Weights = tuple[np.ndarray, ...]


def initial_weights(sizes: Sequence[int], gamma: float, rng: np.random.Generator) -> Weights:
    """Draw every weight from N(0, γ² / (n_in + n_out)).

    Parameters
    ----------
    sizes
        Units per layer from input to output: ``(8, 30, 10000)`` has one hidden layer, ``(8, 10000)`` none.
    gamma
        Scale of the initial weights, not negative.

    Raises
    ------
    InputError
        If there are fewer than two layers, an empty one, or a negative ``gamma``.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise InputError(f"The layer sizes are {tuple(sizes)}; give at least two, each of at least one unit.")
    if not gamma >= 0:
        raise InputError(f"gamma is {gamma}; the scale of the initial weights must be 0 or more.")
    pairs = pairwise(sizes)
    return tuple(rng.normal(0.0, gamma / np.sqrt(n_in + n_out), size=(n_out, n_in)) for n_in, n_out in pairs)


def total_map(weights: Weights) -> np.ndarray:
    """Multiply all layers into the map from inputs to outputs, ``(..., n_out, n_in)``."""
    return reduce(lambda product, layer: layer @ product, weights)


def hidden_activations(weights: Weights, inputs: np.ndarray) -> list[np.ndarray]:
    """Return every hidden layer's activations, ``(..., n_items, n_units)`` each, input side first."""
    activations = accumulate(weights[:-1], lambda x, layer: x @ np.swapaxes(layer, -1, -2), initial=inputs)
    return list(activations)[1:]


class ReducedProblem(NamedTuple):
    """A network and its targets with the outputs expressed in a basis of the only outputs that matter.

    Fields: ``weights`` and ``targets`` ``(n_items, k)`` in the basis, and ``basis`` ``(n_outputs, k)``
    with orthonormal columns: ``basis @ weights[-1]`` are the weights of the full network.
    """

    weights: Weights
    targets: np.ndarray
    basis: np.ndarray

    @property
    def n_target_entries(self) -> int:
        """Number of targets of the full problem, the denominator of its mean squared error."""
        return len(self.targets) * len(self.basis)

    def restore(self, reduced_map: np.ndarray) -> np.ndarray:
        """Return the map ``(..., n_outputs, n_in)`` to all outputs of one given in the basis."""
        return self.basis @ reduced_map


def reduce_outputs(weights: Weights, targets: np.ndarray) -> ReducedProblem:
    """Rotate the outputs so that all but ``n_items + n_last_hidden`` of them stay zero for good.

    The gradient of the squared error with respect to the last weights W is (W h − y) hᵀ, whose columns
    lie in the span of the targets and of W's own columns. Gradient descent therefore never leaves the
    span of the targets and of the *initial* W, and an orthonormal basis of that span changes neither the
    squared error, nor the hidden layers and the other gradients, nor the singular values of the map.
    Nothing is approximated; only round-off differs.

    Parameters
    ----------
    weights
        One network (no leading axes).
    targets
        ``(n_items, n_outputs)``.

    Raises
    ------
    InputError
        If the targets do not have one column per output of the network.
    """
    n_items, n_outputs = targets.shape
    if len(weights[-1]) != n_outputs:
        raise InputError(f"The network has {len(weights[-1])} outputs but the targets have {n_outputs} columns.")
    # Householder QR is accurate column by column, so weights of 1e-15 beside targets of 1 lose nothing.
    columns = np.vstack([targets, weights[-1].T]).T  # in the memory order that LAPACK works on in place
    basis, coordinates = scipy.linalg.qr(columns, mode="economic", overwrite_a=True, check_finite=False)
    reduced = (*weights[:-1], coordinates[:, n_items:])
    return ReducedProblem(reduced, coordinates[:, :n_items].T, basis)
