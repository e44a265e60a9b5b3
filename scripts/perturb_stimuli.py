"""Perturb a stimulus set: noise, contrast, blur, occlusion or rotation, at one strength or several."""

from dataclasses import replace

import numpy as np

from repgeom.stimuli.perturbations import perturb
from repgeom.store.stimuli import read_class_names, read_stimuli, repeat_for_strengths, write_stimuli
from repgeom.workflow.job import start

job = start(snakemake)
section = job.params["perturbation"]
originals = read_stimuli(job.input.stimuli)
strengths = section["strength"] if isinstance(section["strength"], list) else [section["strength"]]
stimuli = repeat_for_strengths(originals, "strength", strengths)
places = np.tile(np.arange(len(originals.ids)), len(strengths))
images = perturb(stimuli.images, section["method"], stimuli.descriptors["strength"], section["seed"], places)
attributes = {"class_names": read_class_names(job.input.stimuli), "perturbation": section}
write_stimuli(job.output.stimuli, replace(stimuli, images=images), attributes, job.provenance)
