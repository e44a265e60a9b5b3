"""Train one network, or resume where an interrupted job stopped."""

import pandas as pd

from repgeom.models.architectures import PixelModel, build_network
from repgeom.store.resume import ResumeFile
from repgeom.store.stimuli import read_split
from repgeom.store.tables import write_table
from repgeom.store.weights import write_weights
from repgeom.training.classifier import train
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.training.recipe import keep_epoch, progress_from_state, recipe_from_config, state_of, to_device
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import Reporter

job = start(snakemake)
device = torch_device(job)
seed, training, network = job.params["seed"], job.params["training"], job.params["network"]
built = build_network(network["architecture"], network["options"], seed)
model = PixelModel(built, network["normalise"]).to(device)
data, test = (to_device(read_split(job.input.dataset, split), device) for split in ("train", "test"))
resume = ResumeFile(job.output.weights, job.provenance)
done = progress_from_state(resume.load())

with Reporter(f"train {job.params['name']} seed {seed}", training["epochs"], "epochs") as reporter:
    reporter.skip(max(done.epoch, 0))
    result = train(
        model,
        data,
        test,
        recipe_from_config(training, seed),
        done,
        after_epoch=lambda progress: (resume.save(state_of(progress)), reporter.reach(progress.epoch)),
        keep=keep_epoch(training["keep"]),
    )

write_weights(job.output.weights, result.weights, job.provenance)
write_table(job.output.history, pd.DataFrame(result.history), HISTORY_COLUMNS, job.provenance)
resume.remove()
