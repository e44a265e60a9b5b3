"""Train the networks of one seed: on the tree, with each illusory feature, slowly, and the shallow one."""

from repgeom.analyses.linear_runs import features_of, train_runs
from repgeom.store.hdf5 import write_arrays
from repgeom.workflow.job import start

job = start(snakemake)
features = features_of(job.params["data"], job.params["seed"])
for name, history in train_runs(features, job.params["training"], job.params["seed"]).items():
    write_arrays(job.output[name], history.arrays(), history.descriptors(), job.provenance)
