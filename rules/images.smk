# Images side by side, and what networks answer to them.

from repgeom.workflow.shown import shown_titles


use rule figure as images_figure with:
    input:
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        originals=originals,
    output:
        **figure_files("images"),
    wildcard_constraints:
        analysis=PLAN.of_kind("images"),
    params:
        **runs("images_figure.py"),
        titles=lambda w: shown_titles(CONFIG, PLAN.networks(w.analysis)),


use rule figure as answers_figure with:
    input:
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        originals=originals,
        coordinates=files(artifacts.COORDINATES),
    output:
        **figure_files("answers", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("answers"),
    params:
        **runs("answers_figure.py"),
        titles=lambda w: shown_titles(CONFIG, PLAN.networks(w.analysis)),


use rule figure as examples_figure with:
    input:
        stimuli=lambda w: PLAN.stimuli(w.analysis)[0],
        original=lambda w: originals(w)[0],
        activations=lambda w: PLAN.files(w.analysis, artifacts.ACTIVATIONS)[0],
    output:
        **figure_files("examples"),
    wildcard_constraints:
        analysis=PLAN.of_kind("examples"),
    params:
        **runs("examples_figure.py"),
