"""Compute the RDM of every node."""

import numpy as np

from repgeom.measures.rdm import FORMULAS, rdms_of_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.rdms import RDMs, write_rdms
from repgeom.workflow.job import log, start

job = start(snakemake)
measure = job.params["measure"]
with open_coordinates(job.input.coordinates) as coordinates:
    table, stimuli = coordinates.nodes, coordinates.stimuli
    rdms = rdms_of_nodes(coordinates.read, list(table), measure, log.warning)

write_rdms(
    job.output.rdms,
    RDMs(
        dissimilarities=np.array(list(rdms.values())),
        measure=FORMULAS[measure],
        nodes=list(rdms),
        modules=[table[node]["module"] for node in rdms],
        timesteps=np.array([table[node]["timestep"] for node in rdms]),
        ids=stimuli.ids,
        labels=stimuli.labels,
        descriptors=job.params["descriptors"],
    ),
    job.provenance,
)
