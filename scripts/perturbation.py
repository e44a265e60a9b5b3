"""Exchange recurrent flows of one network between canvases that differ in one property of the target."""

import numpy as np
import torch

from repgeom.analyses.networks import of_network
from repgeom.analyses.perturbation import PERTURBATION_COLUMNS, perturbation_rows
from repgeom.models.loading import load_model
from repgeom.perturbation import perturb_flows
from repgeom.stimuli.clutter.canvases import spec_of, version_of
from repgeom.stimuli.clutter.parameters import draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.splits import read_sources
from repgeom.stimuli.clutter.versions import SWAPS
from repgeom.store.resume import ResumeFile
from repgeom.store.tables import write_table
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import Reporter

job = start(snakemake)
device = torch_device(job)
how, canvases, descriptors = job.params["options"], job.params["canvases"], job.params["descriptors"]
model = load_model(job.input.weights, job.params["network"], device, descriptors["epoch"])
sources = read_sources(job.input.datasets, "test", canvases["held_out"], device)
spec = spec_of(canvases["recipe"], sources, noise=False)
resume = ResumeFile(job.output.table, job.provenance)
rows = (resume.load() or {"rows": []})["rows"]
done = max((row["draw"] for row in rows), default=0)

with Reporter("perturbation", how["repetitions"] * how["images"], "canvases") as reporter:
    reporter.skip(done * how["images"])
    for number in range(done + 1, how["repetitions"] + 1):
        seed = how["seed"] + number - 1
        parameters = draw(spec, sources, seed, np.arange(how["images"]))
        outcome = perturb_flows(
            model.network,
            model.normalise(render(parameters, sources)),
            {
                swap: model.normalise(render(version_of(parameters, sources, swap, how["swaps"]), sources))
                for swap in SWAPS
            },
            torch.from_numpy(target_labels(parameters, sources).category),
            seed=seed,
            image_ids=parameters.ids,
            batch_size=job.params["batch_size"],
            after_batch=reporter.step,
        )
        rows += perturbation_rows(outcome, number)
        resume.save({"rows": rows})

write_table(job.output.table, of_network(rows, descriptors), PERTURBATION_COLUMNS, job.provenance)
resume.remove()
