# (to be filled)


use rule figure as readout_figure with:
    input:
        activations=files(artifacts.ACTIVATIONS),
    output:
        **figure_files("readout"),
    wildcard_constraints:
        analysis=PLAN.of_kind("readout"),
    params:
        **runs("readout_figure.py"),
        published=published_numbers,
