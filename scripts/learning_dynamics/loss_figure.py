"""Draw the loss over training."""

import pandas as pd

from repgeom.analyses.learning_dynamics import loss_table
from repgeom.analyses.linear_runs import read_history
from repgeom.figures.curves import Curve, curves_figure
from repgeom.figures.palette import BLUE, GREY
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
runs = {name: read_history(job.input[name]) for name in ("main", "slow")}
table = pd.concat([loss_table(h).assign(learning_rate=h.training.lr) for h in runs.values()], ignore_index=True)
write_table(job.output.table, table, {"loss": "mean squared error over items and features"}, job.provenance)
curves = [
    Curve(h.steps, h.loss, f"learning rate {h.training.lr:g}", colour)
    for h, colour in zip(runs.values(), (BLUE, GREY), strict=True)
]
figure = curves_figure({"": curves}, "epoch", "mean squared error")
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
