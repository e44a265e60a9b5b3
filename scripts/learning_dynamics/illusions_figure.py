"""Draw the network's belief in illusory correlations over training, with the modes."""

from repgeom.analyses.learning_dynamics import ILLUSIONS, belief_table
from repgeom.analyses.linear_runs import read_history
from repgeom.figures.curves import Curve, curves_figure
from repgeom.figures.palette import GREY, VERMILION
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
runs = {name: read_history(job.input[name]) for name in ILLUSIONS}
columns = {"belief": "the network's output for the item and the illusory feature", "truth": "what is true (−1 or 1)"}
write_table(job.output.table, belief_table(runs), columns, job.provenance)
panels = {
    ILLUSIONS[name].statement: [
        *(Curve(run.steps, mode / run.modes.max(), "modes / largest" if i == 0 else None, GREY)
          for i, mode in enumerate(run.modes.T)),
        Curve(run.steps, run.predictions[:, 0], "belief", VERMILION),
    ]
    for name, run in runs.items()
}  # fmt: skip
figure = curves_figure(panels, "epoch", "belief; mode / largest")
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
