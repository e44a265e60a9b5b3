"""Choose images of a dataset as stimuli."""

from repgeom.stimuli.selection import select
from repgeom.store.stimuli import read_split, write_stimuli
from repgeom.workflow.job import start

job = start(snakemake)
section = dict(job.params["stimuli"])
data = read_split(job.input.dataset, section.pop("split"))
stimuli = select(data, **section)
attributes = {"class_names": list(data.class_names)}
write_stimuli(job.output.stimuli, stimuli, attributes, job.provenance)
