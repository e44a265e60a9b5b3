"""Draw the RDMs of the two networks on clean and attacked images, and that of the labels."""

from repgeom.figures.rdm_panels import rdm_panels
from repgeom.figures.style import save_figure
from repgeom.measures.rdm import LABELS, label_rdm
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.rdm_rows import rdm_pairs_table
from repgeom.workflow.job import start

job = start(snakemake)
files = dict(zip(job.params["titles"], map(read_rdms, job.input.rdms), strict=True))
first = next(iter(files.values()))
rows = {title: {node: rdms[node] for node in job.params["nodes"]} for title, rdms in files.items()}
rows[next(iter(rows))]["labels (euclidean)"] = label_rdm(first.labels)
write_table(job.output.table, rdm_pairs_table(rows, first.ids), provenance=job.provenance)
figure = rdm_panels(rows, first.labels, LABELS[job.params["measure"]])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
