"""RDMs of subjects from their responses."""

import numpy as np

from repgeom.measures.inference.crossnobis import measured_rdm
from repgeom.store.measured_rdms import MeasuredRDMs, write_measured_rdms
from repgeom.store.responses import read_responses
from repgeom.workflow.job import start

job = start(snakemake)
distance, responses = job.params["distance"], read_responses(job.input.responses)
found = [measured_rdm(x, distance, f"{responses.path}, subject {name}") for name, x in responses.values.items()]
rdms = MeasuredRDMs(np.array(found), list(responses.values), responses.ids, distance, responses.path)
write_measured_rdms(job.output.rdms, rdms, job.provenance)
