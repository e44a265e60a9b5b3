# What training did, and what networks are made of.


use rule figure as history_figure with:
    input:
        histories=files(artifacts.HISTORY),
    output:
        **figure_files("history", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("history"),
    params:
        **runs("history_figure.py"),


use rule figure as filters_figure with:
    input:
        weights=lambda w: PLAN.files(w.analysis, artifacts.WEIGHTS)[0],
    output:
        **figure_files("filters"),
    wildcard_constraints:
        analysis=PLAN.of_kind("filters"),
    params:
        **runs("filters_figure.py"),


use rule figure as feature_maps_figure with:
    input:
        weights=lambda w: PLAN.files(w.analysis, artifacts.WEIGHTS)[0],
        stimuli=lambda w: PLAN.stimuli(w.analysis)[0],
        original=lambda w: originals(w)[0],
        user=user_files_of,
    output:
        **figure_files("feature_maps"),
    wildcard_constraints:
        analysis=PLAN.of_kind("feature_maps"),
    group:
        "feature_maps"
    resources:
        gpu=GPU,
        mem_mb=grow(2000),
        runtime=grow(30),
    params:
        **runs_networks("feature_maps_figure.py"),
        network=network_of,
        device=DEVICE,


use rule figure as graph_figure with:
    input:
        coordinates=lambda w: PLAN.files(w.analysis, artifacts.COORDINATES)[0],
    output:
        **figure_files("graph"),
    wildcard_constraints:
        analysis=PLAN.of_kind("graph"),
    params:
        **runs("graph_figure.py"),


use rule figure as connections_figure with:
    input:
        user=user_files_of,
    output:
        **figure_files("connections"),
    wildcard_constraints:
        analysis=PLAN.of_kind("connections"),
    params:
        **runs_networks("connections_figure.py"),
        network=network_of,
