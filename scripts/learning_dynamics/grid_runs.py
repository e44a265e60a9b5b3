"""Train a grid of learning rates and initial scales in one batch."""

import numpy as np

from repgeom.analyses.linear_runs import features_of, training_of
from repgeom.store.hdf5 import write_arrays
from repgeom.training.deep_linear import train_grid
from repgeom.workflow.job import start

job = start(snakemake)
seed, rates, gammas = job.params["seed"], job.params["grid"]["learning_rates"], job.params["grid"]["gammas"]
loss = train_grid(features_of(job.params["data"], seed), rates, gammas, training_of(job.params["training"], seed))
arrays = {"loss": loss, "learning_rates": np.array(rates, float), "gammas": np.array(gammas, float)}
write_arrays(job.output.grid, arrays, provenance=job.provenance)
