"""Draw clean and attacked images, and how many of them the networks name correctly."""

from repgeom.figures.image_grids import image_grids
from repgeom.figures.style import save_figure
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import read_table
from repgeom.studies.adversarial import share_correct
from repgeom.workflow.job import start

job = start(snakemake)
table = read_table(job.input.table)
sets = dict(zip(("clean", "attacked"), map(read_stimuli, job.input.stimuli), strict=True))
titles = {
    name: "\n".join([name, *(f"{label}: {share_correct(rows, column)}" for column, label in job.params["labels"])])
    for name, rows in table.groupby("images", sort=False)
}
figure = image_grids({titles[name]: s.images for name, s in sets.items()}, sets["clean"].labels, job.params["columns"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
