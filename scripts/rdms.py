"""Compute the RDM of every node from its coordinates."""

from repgeom.measures.rdm import FORMULAS, compute_rdm, rdms_of_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.rdms import RDMs, write_rdms
from repgeom.workflow.job import log, start

job = start(snakemake)
measure = job.params["measure"]
with open_coordinates(job.input.coordinates) as file:
    found = rdms_of_nodes(
        lambda node: compute_rdm(file.read(node), measure, f"node {node!r}"), list(file.nodes), log.warning
    )
    rdms = RDMs.of_nodes(
        found, file.nodes, file.stimuli, FORMULAS[measure], job.params["descriptors"], job.params["precision"]
    )
    provenance = file.told(job.provenance)
write_rdms(job.output.rdms, rdms, provenance)
