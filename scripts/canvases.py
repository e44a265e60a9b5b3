"""Draw cluttered canvases as stimuli."""

from repgeom.stimuli.clutter.canvases import canvas_stimuli, spec_of
from repgeom.stimuli.clutter.splits import read_sources
from repgeom.store.stimuli import write_stimuli
from repgeom.workflow.device import use_threads
from repgeom.workflow.job import start

job = start(snakemake)
use_threads(job)
chosen, canvases = job.params["stimuli"], job.params["canvases"]
sources = read_sources(job.input.datasets, chosen["split"], canvases["held_out"])
spec = spec_of(canvases["recipe"], sources, chosen["noise"])
stimuli = canvas_stimuli(spec, sources, chosen["seed"], chosen["first"], chosen["version"], chosen["swaps"])
write_stimuli(job.output.stimuli, stimuli, {"class_names": list(sources.class_names)}, job.provenance)
