"""
Capacity of manifolds
=====================

How many classes can a plane tell apart? Mean-field theory answers with the capacity α of their manifolds, which falls
as they grow. Here, manifolds are balls in random directions, for which the answer is known.
"""

import matplotlib.pyplot as plt
import numpy as np

from repgeom.measures.capacity.mean_field import analyse_manifolds

rng = np.random.default_rng(0)
features, manifolds, points, dimension = 300, 20, 40, 5


def balls(radius: float) -> list[np.ndarray]:
    """Points (points × features) on spheres of some dimension around random centres of length 1."""
    found = []
    for _ in range(manifolds):
        centre, *axes = np.linalg.qr(rng.normal(size=(features, dimension + 1)))[0].T
        directions = rng.normal(size=(points, dimension))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        found.append(centre + radius * directions @ np.array(axes))
    return found


# %%
# Each analysis holds the capacity with its standard error, and the radius and dimension that explain it.

radii = np.array([0.25, 0.5, 1, 2])
analyses = [analyse_manifolds(balls(radius), n_draws=100, seed=0) for radius in radii]
for radius, analysis in zip(radii, analyses, strict=True):
    found = analysis.summary()
    print(f"radius {radius}: " + ", ".join(f"{name} {found[name]:.2f}" for name in ("capacity", "radius", "dimension")))

# %%

figure, axis = plt.subplots(figsize=(4, 3), layout="constrained")
axis.plot(radii, [found.capacity for found in analyses], "o-")
axis.axhline(2, color="grey", linestyle=":", label="single points")
axis.set(xlabel="radius of the balls", ylabel="capacity α", ylim=(0, 2.1), xticks=radii)
axis.legend(frameon=False)
