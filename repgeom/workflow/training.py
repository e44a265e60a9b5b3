"""The frame around every training: network, resumption, progress, artifacts."""

from dataclasses import replace

import pandas as pd
import torch

from repgeom.models.architectures import build_model
from repgeom.store.resume import ResumeFile
from repgeom.store.tables import write_table
from repgeom.store.weights import read_weights, write_weights
from repgeom.training.classifier import Images, Recipe, TrainingData, train
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.training.precision import usable_precision
from repgeom.training.recipe import keep_epoch, progress_from_state, recipe_from_config, state_of
from repgeom.workflow.job import Job, log
from repgeom.workflow.progress import Reporter


def train_and_store(job: Job, data: TrainingData, test: Images, device: torch.device) -> None:
    """Train the network that the job's params describe, or resume where an interrupted job stopped."""
    seed, training, network = job.params["seed"], job.params["training"], job.params["network"]
    model = build_model(network, seed)
    for start in job.input.start:
        model.network.load_state_dict(read_weights(start))
    model = model.to(device)
    resume = ResumeFile(job.output.weights, job.provenance)
    done = progress_from_state(resume.load())
    recipe = _computable(recipe_from_config(training, seed), device)
    n_batches = data.n_batches(recipe)
    with Reporter(f"train {job.params['name']} seed {seed}", recipe.epochs * n_batches, "batches") as reporter:
        reporter.skip(max(done.epoch, 0) * n_batches)
        result = train(
            model,
            data,
            test,
            recipe,
            done,
            after_epoch=lambda progress: resume.save(state_of(progress)),
            after_batch=reporter.step,
            keep=keep_epoch(training["keep"]),
        )
    write_weights(job.output.weights, result.weights, job.provenance)
    write_table(job.output.history, pd.DataFrame(result.history), HISTORY_COLUMNS, job.provenance)
    resume.remove()


def _computable(recipe: Recipe, device: torch.device) -> Recipe:
    """The recipe in a precision that the device has; what it then computes in is said in the log."""
    precision = usable_precision(recipe.precision, device)
    if precision != recipe.precision:
        log.info("precision: this processor has no instructions for %s; computing in %s", recipe.precision, precision)
    return replace(recipe, precision=precision)
