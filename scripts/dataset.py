"""Load or draw the images of a dataset."""

from repgeom.datasets.sources import load_dataset
from repgeom.store.stimuli import write_dataset
from repgeom.workflow.job import start

job = start(snakemake)
splits = load_dataset(job.params["dataset"], job.resources.data_dir)
write_dataset(job.output.dataset, splits, job.provenance)
