"""Draw what can be decoded from networks, over nodes or over time."""

import pandas as pd

from repgeom.analyses.decoding import SUMMARY_COLUMNS, TEXT, decoding_summary
from repgeom.analyses.naming import line_looks
from repgeom.analyses.networks import join_networks
from repgeom.figures.decoding import decoding_over_nodes, decoding_over_time
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
names = job.params["names"]
summary = decoding_summary(join_networks(job.params["networks"], job.input.tables, TEXT))
write_table(job.output.table, summary, SUMMARY_COLUMNS, job.provenance)
if job.params["options"]["over"] == "time":
    published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
    figure = decoding_over_time(summary, names["stimuli"], published)
else:
    lines, looks = line_looks(summary, names)
    figure = decoding_over_nodes(summary.assign(line=lines), looks)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
