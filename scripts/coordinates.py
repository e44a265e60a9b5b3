"""Reduce the activations of every node, recorded by one job or several, to coordinates that keep all inner products."""

from repgeom.coordinates.projection import projection_for, stated
from repgeom.coordinates.reduction import NotFiniteError, reduce_activations
from repgeom.store.coordinates import coordinate_writer
from repgeom.store.parts import open_recorded
from repgeom.store.projected import PROJECTION
from repgeom.workflow.job import log, start
from repgeom.workflow.progress import track

job = start(snakemake)
paths = list(job.input)
with open_recorded(paths, log.warning) as activations:
    nodes, stimuli = activations.nodes, activations.stimuli
    projection = projection_for(len(stimuli.ids), job.params["projection"])
    attributes = job.params["descriptors"] | {PROJECTION: stated(projection, len(stimuli.ids))}
    with coordinate_writer(job.output.coordinates, stimuli, nodes, attributes, job.provenance) as writer:
        for node in track(nodes, "coordinates", unit="nodes"):
            where = f"{paths[0]}, node {node!r}"
            try:
                frame = projection and projection.frame(where)
                writer.add(node, reduce_activations(activations.blocks(node), where, frame))
            except NotFiniteError as error:
                writer.leave_out(node, error)
                log.warning("left out: %s", error)
