"""
How sure is a correlation of RDMs?
==================================

The RDM of noisy responses is correlated with the RDM of the classes, with a 95 % interval over images: a jackknife that
leaves out stimuli, not pairs of stimuli, which are not independent of each other.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.distance import pdist

from repgeom.measures.bootstrap import over_images
from repgeom.measures.rdm import label_rdm
from repgeom.measures.separation import rdm_correlation

rng = np.random.default_rng(0)
labels = np.repeat(np.arange(5), 8)
signal = rng.normal(size=(5, 50))[labels]

# %%
# The more noise, the less of the classes is left, and the less sure it is how much.

noise = np.array([0.5, 1, 2, 4])
estimates = []
for sd in noise:
    rdm = pdist(signal + sd * rng.normal(size=signal.shape), "sqeuclidean")
    estimates.append(over_images(lambda w, rdm=rdm: rdm_correlation(rdm, label_rdm(labels), w), len(labels), labels))
    print(f"noise {sd}: {estimates[-1].value:.2f} [{estimates[-1].low:.2f}, {estimates[-1].high:.2f}]")

# %%

values, low, high = np.array([(found.value, found.low, found.high) for found in estimates]).T
figure, axis = plt.subplots(figsize=(4, 3), layout="constrained")
axis.errorbar(noise, values, [values - low, high - values], fmt="o-", capsize=3)
axis.set(
    xticks=noise, xlabel="noise (standard deviations of the signal)", ylabel="correlation with the classes", ylim=(0, 1)
)
