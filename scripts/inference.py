"""Similarity of every node of one network to measured RDMs, in resamples of subjects and stimuli."""

from repgeom.analyses.inference import similarities
from repgeom.store.hdf5 import write_arrays
from repgeom.store.measured_rdms import read_measured_rdms
from repgeom.store.rdms import read_rdms
from repgeom.workflow.job import log, start

job = start(snakemake)
rdms, data = read_rdms(job.input.rdms), read_measured_rdms(job.input.data)
arrays, attributes = similarities(rdms, data, job.params["options"], log.info)
write_arrays(job.output.arrays, arrays, job.params["descriptors"] | attributes, job.provenance)
