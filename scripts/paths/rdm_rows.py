"""Draw rows of RDMs, each of one model and stimulus set."""

from repgeom.figures.rdm_panels import rdm_panels
from repgeom.figures.style import save_figure
from repgeom.measures.rdm import LABELS
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.rdm_rows import rdm_pairs_table
from repgeom.workflow.job import start

job = start(snakemake)
files = list(map(read_rdms, job.input.rdms))
rows = {
    title: {node: rdms[node] for node in nodes}
    for title, nodes, rdms in zip(job.params["titles"], job.params["nodes"], files, strict=True)
}
write_table(job.output.table, rdm_pairs_table(rows, files[0].ids), provenance=job.provenance)
figure = rdm_panels(rows, files[0].labels, LABELS["correlation"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
