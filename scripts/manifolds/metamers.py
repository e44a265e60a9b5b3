"""Synthesise metamers, and ask the model and a held-out one what they are."""

import numpy as np
import torch

from repgeom.activations.batches import to_tensor
from repgeom.models.loading import load_model
from repgeom.stimuli.metamers import synthesise
from repgeom.store.hdf5 import write_arrays
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import Reporter

job = start(snakemake)
device = torch_device(job)
section = job.params["metamers"]
snapshots = [step for step in section["snapshots"] if step <= section["steps"]]
model = load_model(job.input.weights, job.params["network"], device)
held_out = load_model(job.input.held_out, job.params["held_out"], device)
stimuli = read_stimuli(job.input.stimuli)
starts = section["starts"]
originals = to_tensor(np.repeat(stimuli.channels_first(), starts, axis=0), device)

arrays = {"originals": originals.cpu().numpy(), "labels": np.repeat(stimuli.labels, starts)}
arrays |= {"ids": np.repeat(stimuli.ids, starts), "starts": np.tile(np.arange(starts), len(stimuli.ids))}
for node in section["nodes"]:
    with Reporter(f"metamers of {node}", section["steps"], "steps") as reporter:
        found = synthesise(
            model,
            node,
            originals,
            section["steps"],
            section["learning_rate"],
            section["seed"],
            snapshots,
            lambda _, r=reporter: r.step(),
        )
    arrays[f"{node}_best"], arrays[f"{node}_loss"] = found.best.cpu().numpy(), found.loss.cpu().numpy()
    for step, images in found.snapshots.items():
        arrays[f"{node}_step{step}"] = images.cpu().numpy()
    with torch.no_grad():
        arrays[f"{node}_predicted"] = model(found.best).argmax(dim=1).cpu().numpy()
        arrays[f"{node}_held_out"] = held_out(found.best).argmax(dim=1).cpu().numpy()
write_arrays(job.output.metamers, arrays, {"nodes": section["nodes"], "snapshots": snapshots}, job.provenance)
