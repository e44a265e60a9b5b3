"""Decoding by linear support vector machines, solved to the end.

The problem is LIBLINEAR's default, as in `sklearn.svm.LinearSVC`: squared hinge loss, C, and a bias
that is penalised like a weight,

    min over w, b:  ½(‖w‖² + b²) + C Σᵢ max(0, 1 − yᵢ(w·xᵢ + b))²,

one class against the rest. It sees features only through inner products, so exact coordinates give the
same predictions as the features. Where the set of stimuli inside the margin is known, the solution is that
of a ridge regression on them; Newton's method moves from one such set to the next and ends, after a
handful of linear systems, at the exact solution. On the way there C grows: with many features, the sets of a
large C, met at once, mislead each other for fifty steps and more.
"""

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from scipy.linalg.blas import dsyrk
from threadpoolctl import threadpool_limits

from repgeom.errors import InputError

MAX_STEPS = 200
"""Newton steps; ten are usual."""

FIRST_RIDGE = 0.1
"""The 1/2C at which steps begin, where the asked one is less, as a fraction of the stimuli's mean squared length."""

EXACT = 1e-14
"""A solution is taken when its duality gap is this fraction of its objective, or no stimulus crosses its margin."""

ROWS_AT_ONCE = 4096
"""Stimuli whose features are multiplied at once."""

GAP_TOLERANCE = 1e-6
"""A solution with a larger duality gap, as a fraction of its objective, is refused."""


@dataclass(frozen=True)
class LinearSVM:
    """A fitted linear support vector machine.

    Attributes
    ----------
    classes : (k,)
        Sorted distinct labels.
    weights : (d, k), or (d, 1) for two classes
        One column for each class against the rest; for two classes, of the second against the first.
    bias : (k,), or (1,) for two classes
    gap : (k,), or (1,) for two classes
        Duality gap of each solution, as a fraction of its objective: how far at most from the optimum.
    """

    classes: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    gap: np.ndarray

    def decision(self, x: np.ndarray) -> np.ndarray:
        """Signed margins (n, k), or (n, 1) for two classes, of `x` (n, d)."""
        return x @ self.weights + self.bias

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Labels (n,) of `x` (n, d)."""
        decision = self.decision(x)
        best = decision[:, 0] > 0 if len(self.classes) == 2 else decision.argmax(axis=1)
        return self.classes[best.astype(np.intp)]


@dataclass(frozen=True)
class Decoding:
    """How well a variable can be read out.

    Attributes
    ----------
    accuracy : float
        Fraction of test stimuli decoded correctly.
    predicted : (n_test,)
        Label of every test stimulus.
    """

    accuracy: float
    predicted: np.ndarray


def decode(x: np.ndarray, variables: Mapping[str, np.ndarray], n_fit: int = 800, c: float = 1.0) -> dict[str, Decoding]:
    """Fit the first `n_fit` stimuli, test on the rest, for each of several variables of the same stimuli.

    Parameters
    ----------
    x : (n, d)
        Activations, or their exact coordinates (`Coordinates.uncentred`), unscaled: scaling changes what `c` means.
    variables : {name: (n,) labels}
    n_fit : int
    c : float
        Weight of the loss, C.

    Raises
    ------
    InputError
        No stimuli left to test on, labels of another number of stimuli, or a single class among those fitted.

    References
    ----------
    Thorat, Aldegheri & Kietzmann 2021, arXiv:2111.07898 (800 fitted, 200 tested, C = 1).
    """
    if not 0 < n_fit < len(x):
        raise InputError(f"{n_fit} of {len(x)} stimuli to fit; leave some to fit on and some to test on")
    problem = SVMProblem(x[:n_fit], c)
    results = {}
    for name, labels in variables.items():
        labels = np.asarray(labels)
        if len(labels) != len(x):
            raise InputError(f"{len(labels)} labels of {name!r} for {len(x)} stimuli; give every stimulus its label")
        predicted = problem.fit(labels[:n_fit], name).predict(x[n_fit:])
        results[name] = Decoding(float(np.mean(predicted == labels[n_fit:])), predicted)
    return results


def cross_validate(
    x: np.ndarray, labels: np.ndarray, folds: np.ndarray, name: str = "labels", c: float = 1.0
) -> Decoding:
    """Test the stimuli of each fold on a fit of all others.

    Parameters
    ----------
    x : (n, d)
        As in `decode`.
    labels : (n,)
    folds : (n,)
        The fold of every stimulus, as `stratified_folds` draws them.
    name : str
        What the labels are, for messages.
    c : float
        Weight of the loss, C.

    Raises
    ------
    InputError
        Labels or folds of another number of stimuli, a single fold, or a single class outside of a fold.
    """
    labels, folds = np.asarray(labels), np.asarray(folds)
    if not len(labels) == len(folds) == len(x):
        raise InputError(f"{name!r}: {len(labels)} labels and {len(folds)} folds for {len(x)} stimuli; give one each")
    if len(np.unique(folds)) < 2:
        raise InputError(f"{name!r}: all stimuli are in one fold, which leaves none to fit; give two folds or more")
    predicted = np.empty_like(labels)
    for fold in np.unique(folds):
        test = folds == fold
        predicted[test] = SVMProblem(x[~test], c).fit(labels[~test], name).predict(x[test])
    return Decoding(float(np.mean(predicted == labels)), predicted)


def stratified_folds(labels: np.ndarray, images: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """The fold (n,) of each stimulus, 0 … n_folds − 1: every class is dealt out evenly, in an order drawn with `seed`.

    Folds depend on which images there are and on their labels, not on the order in which they are shown.

    Parameters
    ----------
    labels : (n,)
    images : (n,)
        The image behind each stimulus; all stimuli of one image are in one fold.
    n_folds : int
    seed : int

    Raises
    ------
    InputError
        Fewer images than folds.
    """
    _, first, image = np.unique(images, return_index=True, return_inverse=True)
    if not 2 <= n_folds <= len(first):
        raise InputError(f"{n_folds} folds of {len(first)} images; choose two or more, at most as many as images")
    drawn = np.random.default_rng(seed).permutation(len(first))
    by_class = drawn[np.argsort(np.asarray(labels)[first][drawn], kind="stable")]
    folds = np.empty(len(first), dtype=np.int64)
    folds[by_class] = np.arange(len(first)) % n_folds
    return folds[image]


class SVMProblem:
    """Linear support vector machines on one set of stimuli, for any labels of theirs.

    What depends on the stimuli alone (their inner products, and the first Newton step's factorisation,
    in which every stimulus is inside the margin) is computed once.

    References
    ----------
    Keerthi & DeCoste 2005, JMLR 6:341 (finite Newton with exact line search); Chapelle 2007, Neural Comput.
    19:1155 (in terms of inner products); Hsieh et al. 2008, ICML (LIBLINEAR's dual).
    """

    def __init__(self, x: np.ndarray, c: float = 1.0):
        x = np.asarray(x, dtype=np.float64)
        if x.ndim != 2 or not np.isfinite(x).all():
            raise InputError(f"features of shape {x.shape} are not a finite (stimuli, features) array")
        if c <= 0:
            raise InputError(f"C = {c:g} in a support vector machine; choose it above 0")
        self.x = np.hstack([x, np.ones((len(x), 1))])
        self.ridge = 1 / (2 * c)
        self.first_ridge = max(self.ridge, FIRST_RIDGE * np.vdot(self.x, self.x) / len(x))
        self.by_features = self.x.shape[1] < len(x)
        self.gram = np.asfortranarray(self.x.T @ self.x if self.by_features else self.x @ self.x.T)
        self.factor = _factor(self.gram, self.first_ridge)

    def fit(self, labels: np.ndarray, name: str = "labels") -> LinearSVM:
        """Fit one machine per class against the rest; a single one for two classes."""
        classes, index = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise InputError(
                f"{name!r}: all {len(labels)} stimuli to fit are {classes[0]!s}; fit on two classes or more"
            )
        positives = [1] if len(classes) == 2 else range(len(classes))
        with threadpool_limits(1):  # hundreds of small systems: several threads would wait for each other
            solutions = [self._solve(np.where(index == k, 1.0, -1.0), name) for k in positives]
        weights = np.stack([w for w, _ in solutions], axis=1)
        return LinearSVM(classes, weights[:-1], weights[-1], np.array([gap for _, gap in solutions]))

    def _solve(self, y: np.ndarray, name: str) -> tuple[np.ndarray, float]:
        """Weights (d + 1,), the bias last, and relative duality gap of the machine for y = ±1."""
        w, margins = np.zeros(self.x.shape[1]), np.zeros(len(y))
        moments = _Moments(self.x, self.gram) if self.by_features else None
        ridge = self.first_ridge
        for _ in range(MAX_STEPS):
            inside = margins < 1
            target = self._ridge_solution(y, inside, ridge, moments)
            target_margins = y * (self.x @ target)
            stays = np.array_equal(target_margins < 1, inside)
            gap = self._relative_gap(target, target_margins, y) if ridge == self.ridge else np.inf
            if gap <= EXACT or (stays and ridge == self.ridge):
                break
            step = self._line_minimum(w, target - w, margins, target_margins - margins, ridge)
            w, margins = w + step * (target - w), margins + step * (target_margins - margins)
            ridge = max(self.ridge, ridge / _growth(stays, step))
        if gap > GAP_TOLERANCE:
            raise InputError(
                f"decoding {name!r} ended {gap:.1e} of its objective from the optimum: features with squared lengths "
                f"up to {self._largest_square():.1e} leave too few digits; rescale them (and C with them)"
            )
        return target, gap

    def _ridge_solution(
        self, y: np.ndarray, inside: np.ndarray, ridge: float, moments: "_Moments | None"
    ) -> np.ndarray:
        """The optimum if exactly the stimuli `inside` the margin counted: ridge regression of y on them."""
        first = ridge == self.first_ridge and inside.all()
        if moments:
            factor = self.factor if first else _factor(moments.of(inside), ridge)
            return scipy.linalg.cho_solve(factor, self._sum(inside, y), check_finite=False)
        factor = self.factor if first else _factor(self.gram[np.ix_(inside, inside)].T, ridge)
        dual = np.zeros(len(y))
        dual[inside] = scipy.linalg.cho_solve(factor, y[inside], check_finite=False)
        return dual @ self.x

    def _sum(self, chosen: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The sum (d + 1,) of the chosen stimuli, times weights; only theirs are read, where they are few."""
        if 3 * np.count_nonzero(chosen) > len(chosen):
            return (weights * chosen) @ self.x
        total = np.zeros(self.x.shape[1])
        for rows in _row_blocks(chosen):
            total += weights[rows] @ self.x[rows]
        return total

    def _line_minimum(
        self, w: np.ndarray, direction: np.ndarray, margins: np.ndarray, change: np.ndarray, ridge: float
    ) -> float:
        """Exact minimum of the objective along w + t·direction, t ≥ 0.

        Its slope grows with t, linearly between kinks, at each of which a stimulus crosses its margin.
        """
        along, square = w @ direction, direction @ direction

        def slope(t: float) -> tuple[float, float]:
            """Slope at t and its growth there, both divided by 2C."""
            loss = 1 - margins - t * change
            moving = change[loss > 0]
            growth = ridge * square + moving @ moving
            return ridge * (along + t * square) - loss[loss > 0] @ moving, growth

        kinks = np.sort(_positive(1 - margins, change))
        after = bisect.bisect_left(kinks, 0.0, key=lambda t: slope(t)[0])
        left = kinks[after - 1] if after > 0 else 0.0
        right = kinks[after] if after < len(kinks) else left + 1
        middle = (left + right) / 2
        at_middle, growth = slope(middle)
        return max(middle - at_middle / growth, 0.0)

    def _relative_gap(self, w: np.ndarray, margins: np.ndarray, y: np.ndarray) -> float:
        """Duality gap over objective, at w and the dual variables αᵢ = 2C lossᵢ.

        With these the gap, primal minus dual objective, is ½‖w − Σᵢ αᵢyᵢxᵢ‖².
        """
        loss = np.maximum(1 - margins, 0)
        difference = w - self._sum(loss > 0, loss * y) / self.ridge
        return float(difference @ difference / (w @ w + loss @ loss / self.ridge))

    def _largest_square(self) -> float:
        return float(np.einsum("ij,ij->i", self.x, self.x).max())


class _Moments:
    """Inner products (d, d) of features over the stimuli inside a margin, which few stimuli cross from step to step."""

    def __init__(self, x: np.ndarray, all_of_them: np.ndarray):
        self._x, self._sum, self._inside = x, all_of_them.copy("F"), np.ones(len(x), dtype=bool)

    def of(self, inside: np.ndarray) -> np.ndarray:
        """Those over the stimuli `inside`: what has crossed is added or taken away; all summed anew if that is less."""
        came, went = inside & ~self._inside, self._inside & ~inside
        if np.count_nonzero(inside) <= np.count_nonzero(came) + np.count_nonzero(went):
            self._sum[:] = 0
            self._add(inside, 1.0)
        else:
            self._add(came, 1.0)
            self._add(went, -1.0)
        self._inside = inside
        return self._sum

    def _add(self, chosen: np.ndarray, times: float) -> None:
        """Add to the lower triangle, in place."""
        for rows in _row_blocks(chosen):
            dsyrk(times, self._x[rows].T, beta=1.0, c=self._sum, lower=1, overwrite_c=1)


def _row_blocks(chosen: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of the chosen stimuli, so many at once."""
    rows = np.flatnonzero(chosen)
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _growth(stays: bool, step: float) -> float:
    """How much C grows after a step: the more, the better the set of stimuli inside the margin was known."""
    if stays:
        return 1000
    off = abs(step - 1)
    return 10 if off < 0.05 else 2 if off < 0.2 else 1.5


def _positive(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The quotients that are above zero and finite."""
    same_sign = numerator * denominator > 0
    return numerator[same_sign] / denominator[same_sign]


def _factor(gram: np.ndarray, ridge: float):
    regularised = gram.copy("F")
    regularised.flat[:: len(gram) + 1] += ridge
    return scipy.linalg.cho_factor(regularised, lower=True, overwrite_a=True, check_finite=False)
