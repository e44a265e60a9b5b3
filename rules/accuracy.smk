# How many stimuli networks name correctly.

from repgeom.workflow.shown import changed_by, class_counts


use rule figure as accuracy_figure with:
    input:
        coordinates=files(artifacts.COORDINATES),
    output:
        **figure_files("accuracy"),
    wildcard_constraints:
        analysis=PLAN.of_kind("accuracy"),
    params:
        **runs("accuracy_figure.py"),
        classes=lambda w: class_counts(CONFIG, PLAN.networks(w.analysis)),


use rule measure as sweep with:
    input:
        coordinates=beside(artifacts.COORDINATES),
    wildcard_constraints:
        measure="sweep",
    params:
        **runs("sweep.py"),


use rule figure as sweep_figure with:
    input:
        tables=measures("sweep"),
    output:
        **figure_files("sweep", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("sweep"),
    params:
        **runs("sweep_figure.py"),
        changed=lambda w: changed_by(CONFIG, PLAN.networks(w.analysis)[0]),


use rule figure as readout_figure with:
    input:
        activations=files(artifacts.ACTIVATIONS),
    output:
        **figure_files("readout", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("readout"),
    params:
        **runs("readout_figure.py"),
        published=published_numbers,
