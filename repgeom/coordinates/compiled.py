"""What the reduction does to every single activation, compiled."""

import numpy as np
from numba import float64

from repgeom.jit import njit


@njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def centre(values: np.ndarray, centred: np.ndarray, mean: np.ndarray, squares: np.ndarray) -> None:
    """Values (n, b) to what they are less their mean over n, that mean (b,), and the rows' sums of squares (n,).

    `centred` may be `values`. Four rows are read side by side: so they come from memory sooner than one by one.
    """
    n, b = values.shape
    mean[:] = 0.0
    fours = n - n % 4
    for i in range(0, fours, 4):
        w, x, y, z = values[i], values[i + 1], values[i + 2], values[i + 3]
        w_out, x_out, y_out, z_out = centred[i], centred[i + 1], centred[i + 2], centred[i + 3]
        ww = xx = yy = zz = 0.0
        for j in range(b):
            wj, xj, yj, zj = float64(w[j]), float64(x[j]), float64(y[j]), float64(z[j])
            w_out[j], x_out[j], y_out[j], z_out[j] = wj, xj, yj, zj
            mean[j] += (wj + xj) + (yj + zj)
            ww += wj * wj
            xx += xj * xj
            yy += yj * yj
            zz += zj * zj
        squares[i], squares[i + 1], squares[i + 2], squares[i + 3] = ww, xx, yy, zz
    for i in range(fours, n):
        w, w_out = values[i], centred[i]
        ww = 0.0
        for j in range(b):
            wj = float64(w[j])
            w_out[j] = wj
            mean[j] += wj
            ww += wj * wj
        squares[i] = ww
    for j in range(b):
        mean[j] /= n
    for i in range(n):
        row = centred[i]
        for j in range(b):
            row[j] -= mean[j]
