"""Draw decoding of location, scale and orientation, averaged over layers and over time."""

import pandas as pd

from repgeom.analyses.auxiliary_decoding import AUXILIARY_COLUMNS, auxiliary_summary
from repgeom.analyses.decoding import TEXT
from repgeom.analyses.networks import join_networks
from repgeom.figures.decoding import auxiliary_decoding
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
summary = auxiliary_summary(join_networks(job.params["networks"], job.input.tables, TEXT))
write_table(job.output.table, summary, AUXILIARY_COLUMNS, job.provenance)
figure = auxiliary_decoding(summary, job.params["names"]["stimuli"], published)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
