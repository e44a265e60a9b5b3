"""Compute the RDM of every node straight from its activations, in tiles, within the job's memory."""

from repgeom.activations.memory import resident_bytes
from repgeom.coordinates.reduction import load_compiled
from repgeom.measures.rdm import FORMULAS, rdms_of_nodes
from repgeom.measures.rdm_of_blocks import memory_for_products, rdm_of_blocks
from repgeom.store.parts import open_recorded
from repgeom.store.rdms import RDMs, write_rdms
from repgeom.workflow.job import log, start
from repgeom.workflow.progress import track

job = start(snakemake)
measure, precision = job.params["measure"], job.params["precision"]
with open_recorded(list(job.input), log.warning) as file:
    nodes, stimuli = file.nodes, file.stimuli
    load_compiled()  # before memory is shared out, of which it takes its part
    free = job.resources.mem_mb * 1e6 - resident_bytes()
    memory = memory_for_products(
        free, len(stimuli.ids), len(nodes), max(file.blocks(node).nbytes for node in nodes), precision
    )
    found = rdms_of_nodes(
        lambda node: rdm_of_blocks(file.blocks(node), measure, memory, precision, f"node {node!r}"),
        track(nodes, "rdms", unit="nodes"),
        log.warning,
    )
    rdms = RDMs.of_nodes(found, nodes, stimuli, FORMULAS[measure], job.params["descriptors"], precision)
write_rdms(job.output.rdms, rdms, job.provenance)
