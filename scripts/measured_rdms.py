"""RDMs of subjects from their responses."""

from repgeom.measures.inference.crossnobis import subject_rdms
from repgeom.store.measured_rdms import MeasuredRDMs, write_measured_rdms
from repgeom.store.responses import read_responses
from repgeom.workflow.job import start

job = start(snakemake)
distance, responses = job.params["distance"], read_responses(job.input.responses)
found = subject_rdms(responses.values, distance, responses.path)
rdms = MeasuredRDMs(found, list(responses.values), responses.ids, distance, responses.path)
write_measured_rdms(job.output.rdms, rdms, job.provenance)
