"""Simulate subjects who respond like one node of one network."""

from repgeom.measures.inference.simulation import simulated_responses
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.responses import Responses, write_responses
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["options"]
with open_coordinates(job.input.coordinates) as file:
    (node,) = chosen_nodes([options["node"]], file.nodes, file.path)
    ids, patterns = file.stimuli.ids, file.read(node).centred
numbers = {name: options[name] for name in ("subjects", "channels", "repetitions", "noise", "seed")}
responses = simulated_responses(patterns, **numbers)
write_responses(job.output.responses, Responses(ids, {str(i + 1): x for i, x in enumerate(responses)}), job.provenance)
