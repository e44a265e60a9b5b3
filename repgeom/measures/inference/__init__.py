"""Inference on geometries: models against the measured RDMs of subjects.

`measured_similarity` compares RDMs of models with those of subjects, whatever stimuli a subject lacks; `ceilings` says
how well any model could do, `dual_bootstrap` how sure all of that is for other subjects and other stimuli,
`significance` which differences are more than chance, `flexible` how well a weighted sum of models does, and
`crossnobis` makes RDMs of responses with repetitions.
"""
