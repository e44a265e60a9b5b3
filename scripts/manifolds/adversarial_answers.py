"""Ask the attacked model and a held-out one what they see in clean and in attacked images."""

import pandas as pd

from repgeom.activations.batches import map_batches
from repgeom.models.loading import load_model
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.studies.adversarial import ANSWER_COLUMNS, answer_rows
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start

job = start(snakemake)
device = torch_device(job)
networks = {
    "predicted": load_model(job.input.weights, job.params["network"], device),
    "held_out": load_model(job.input.held_out, job.params["held_out"], device),
}
clean, attacked = (read_stimuli(path) for path in job.input.stimuli)
rows = []
for name, stimuli in {"clean": clean, "attacked": attacked}.items():
    answers = {
        column: map_batches(
            lambda batch, network=network: network(batch).argmax(dim=1),
            [stimuli.channels_first()],
            job.params["batch_size"],
            device,
        )
        for column, network in networks.items()
    }
    rows += answer_rows(name, clean, stimuli, answers)
write_table(job.output.table, pd.DataFrame(rows), ANSWER_COLUMNS, job.provenance)
