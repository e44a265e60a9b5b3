"""Synthesise metamers for some nodes of a network, and ask it and those of a held-out model what they are."""

import numpy as np
import torch

from repgeom.activations.batches import to_tensor
from repgeom.models.loading import load_model
from repgeom.models.nodes import chosen_nodes
from repgeom.stimuli.metamers import nodes_of, synthesise
from repgeom.store.hdf5 import write_arrays
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import Reporter

job = start(snakemake)
device, options = torch_device(job), job.params["options"]
model = load_model(job.input.weights, job.params["network"], device, job.params["descriptors"]["epoch"])
held_out = [load_model(weights, job.params["held_out"], device) for weights in job.input.held_out]
stimuli, starts = read_stimuli(job.input.stimuli), options["starts"]
originals = to_tensor(np.repeat(stimuli.channels_first(), starts, axis=0), device)
nodes = chosen_nodes(options["nodes"], nodes_of(model, originals[:1]), job.input.weights)
snapshots = [step for step in options["snapshots"] if step <= options["steps"]]

arrays = {"originals": originals.cpu().numpy(), "labels": np.repeat(stimuli.labels, starts)}
arrays |= {"ids": np.repeat(stimuli.ids, starts), "starts": np.tile(np.arange(starts), len(stimuli.ids))}
for node in nodes:
    with Reporter(f"metamers of {node}", options["steps"], "steps") as reporter:
        found = synthesise(
            model,
            node,
            originals,
            options["steps"],
            options["learning_rate"],
            options["seed"],
            {0, *snapshots},
            lambda _, r=reporter: r.step(),
        )
    arrays[f"{node}_best"], arrays[f"{node}_loss"] = found.best.cpu().numpy(), found.loss.cpu().numpy()
    for step, images in found.snapshots.items():
        arrays[f"{node}_step{step}"] = images.cpu().numpy()
    with torch.no_grad():
        arrays[f"{node}_predicted"] = model(found.best).argmax(dim=1).cpu().numpy()
        answers = [network(found.best).argmax(dim=1).cpu().numpy() for network in held_out]
    arrays[f"{node}_held_out"] = np.stack(answers)
about = job.params["descriptors"] | {"nodes": nodes, "snapshots": snapshots}
write_arrays(job.output.metamers, arrays, about, job.provenance)
