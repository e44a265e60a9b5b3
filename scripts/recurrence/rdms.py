"""Draw the RDM of every layer at every step, canvases ordered by category."""

from repgeom.figures.rdm_panels import rdm_panels
from repgeom.figures.style import save_figure
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.recurrence.rdms import RDM_COLUMNS, by_layer, ordered_by_category, rdm_table
from repgeom.workflow.job import start

job = start(snakemake)
rdms = ordered_by_category(read_rdms(job.input.rdms))
write_table(job.output.table, rdm_table(rdms), RDM_COLUMNS, job.provenance)
figure = rdm_panels(by_layer(rdms), rdms.labels, "Pearson distance")
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
