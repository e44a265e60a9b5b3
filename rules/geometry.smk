# What is measured on RDMs and coordinates of one network, and the figures that join networks.


use rule measure as separation with:
    input:
        rdms=rdms_file,
    wildcard_constraints:
        measure="separation",
    params:
        **runs("separation.py"),


use rule figure as separation_figure with:
    input:
        tables=measures("separation"),
        rdms=lambda w: (
            PLAN.files(w.analysis, artifacts.RDMS, measure=section(w).measure)
            if section(w).agreement
            else []
        ),
    output:
        **figure_files("separation"),
    wildcard_constraints:
        analysis=PLAN.of_kind("separation"),
    params:
        **runs("separation_figure.py"),
