"""The names of RDM measures and of comparisons between RDMs. Known without numpy, so that a configuration can be
checked at once; the tests hold them against what is implemented.
"""

from typing import Literal, get_args

RDMMeasure = Literal["correlation", "euclidean", "cosine"]
"""How dissimilar two patterns of activation are."""

Comparison = Literal["cosine", "corr", "spearman", "tau-a", "rho-a"]
"""How similar two RDMs are, in rsatoolbox's names."""

DataComparison = Literal["cosine", "corr", "spearman", "rho-a", "tau-a", "cosine_cov", "corr_cov"]
"""How similar an RDM of a network is to one that was measured; `_cov` stands for whitened."""

RDM_MEASURES: tuple[RDMMeasure, ...] = get_args(RDMMeasure)
