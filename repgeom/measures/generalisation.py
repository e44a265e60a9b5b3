"""Generalisation by similarity: ratings of a few images spread to new ones that a layer finds alike.

Ridge regression predicts the rating of a new image from its similarity to rated ones. Predictions are
linear in the ratings, so a page with sliders needs a few small matrices and no server.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from repgeom.errors import InputError


@dataclass(frozen=True)
class Generalisation:
    """Ridge regression from m rated images to t new ones, as linear functions of the ratings.

    The prediction for image j is ŷⱼ = intercept · ratings + Σᵢ (dual @ ratings)ᵢ dot_products[i, j]
    = Σᵢ ratingsᵢ sensitivity[i, j].

    Attributes
    ----------
    dot_products : (m, t)
        Inner products of the rated and the new images' activations.
    dual : (m, m)
        ∂ weight of a rated image / ∂ rating.
    intercept : (m,)
        ∂ intercept / ∂ rating.
    sensitivity : (m, t)
        ∂ prediction / ∂ rating.
    """

    dot_products: np.ndarray
    dual: np.ndarray
    intercept: np.ndarray
    sensitivity: np.ndarray

    def predict(self, ratings: np.ndarray) -> np.ndarray:
        """Predicted ratings (t,) of the new images from the ratings (m,)."""
        return np.asarray(ratings) @ self.sensitivity


def generalise(rated: np.ndarray, new: np.ndarray, alpha: float = 0.99) -> Generalisation:
    """Ridge regression with an intercept that is not penalised, for every possible rating at once.

    Parameters
    ----------
    rated : (m, d)
        Activations, or exact coordinates, of the images that have ratings.
    new : (t, d)
        Those of the images to predict, in the same coordinates.
    alpha : float
        Penalty on the squared weights, above 0.

    Notes
    -----
    In float64 whatever the precision of the activations, whose mean may be far larger than their differences.

    References
    ----------
    Hoerl & Kennard 1970, Technometrics 12:55; in the dual form of Saunders, Gammerman & Vovk 1998, ICML.
    """
    if rated.ndim != 2 or new.ndim != 2 or rated.shape[1] != new.shape[1]:
        raise InputError(
            f"activations of shape {rated.shape} and {new.shape} are not (images, features) with the same features"
        )
    if alpha <= 0:
        raise InputError(f"ridge penalty {alpha:g}; choose it above 0")
    rated, new = rated.astype(np.float64), new.astype(np.float64)
    m = len(rated)
    mean = rated.mean(axis=0)
    centred = rated - mean
    centring = np.eye(m) - 1 / m
    dual = centring @ scipy.linalg.solve(centred @ centred.T + alpha * np.eye(m), centring, assume_a="pos")
    sensitivity = 1 / m + dual.T @ centred @ (new - mean).T
    intercept = 1 / m - dual.T @ (centred @ mean)
    return Generalisation(rated @ new.T, dual, intercept, sensitivity)
