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
        **figure_files("separation", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("separation"),
    params:
        **runs("separation_figure.py"),


use rule figure as rdms_figure with:
    input:
        rdms=lambda w: PLAN.files(
            w.analysis, artifacts.RDMS, measure=section(w).measure
        ),
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        originals=originals,
    output:
        **figure_files("rdms"),
    wildcard_constraints:
        analysis=PLAN.of_kind("rdms"),
    params:
        **runs("rdms_figure.py"),


use rule measure as embeddings with:
    input:
        coordinates=beside(artifacts.COORDINATES),
    wildcard_constraints:
        measure="embeddings",
    params:
        **runs("embeddings.py"),


use rule figure as embeddings_figure with:
    input:
        tables=measures("embeddings"),
        original=lambda w: originals(w)[0],
    output:
        **figure_files("embeddings"),
    wildcard_constraints:
        analysis=PLAN.of_kind("embeddings"),
    params:
        **runs("embeddings_figure.py"),


use rule figure as paths_figure with:
    input:
        rdms=files(artifacts.RDMS, measure="euclidean"),
        compared=lambda w: artifacts.of_networks(
            artifacts.RDMS, PLAN.compared(w.analysis), measure="euclidean"
        ),
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        originals=originals,
    output:
        **figure_files("paths"),
        numbers=artifacts.NUMBERS,
    benchmark:
        artifacts.benchmark("figures/{analysis}")
    wildcard_constraints:
        analysis=PLAN.of_kind("paths"),
    resources:
        mem_mb=grow(3000),
        runtime=grow(60),
    params:
        **runs("paths_figure.py"),
        compared=lambda w: [network._asdict() for network in PLAN.compared(w.analysis)],
        shown=lambda w: PLAN.stimuli(w.analysis),


use rule figure as spectrum_figure with:
    input:
        coordinates=files(artifacts.COORDINATES),
        original=lambda w: originals(w)[0],
    output:
        **figure_files("spectrum"),
    wildcard_constraints:
        analysis=PLAN.of_kind("spectrum"),
    params:
        **runs("spectrum_figure.py"),


use rule figure as generalisation_figure with:
    input:
        new=files(artifacts.ACTIVATIONS),
        rated=lambda w: artifacts.of_networks(
            artifacts.ACTIVATIONS, PLAN.rated(w.analysis)
        ),
        new_stimuli=lambda w: PLAN.stimuli(w.analysis),
        rated_stimuli=lambda w: [
            artifacts.stimuli_path(CONFIG, n.stimuli, n.model, n.seed)
            for n in PLAN.rated(w.analysis)
        ],
    output:
        **figure_files("generalisation"),
        page=artifacts.PAGE,
    wildcard_constraints:
        analysis=PLAN.of_kind("generalisation"),
    params:
        **runs("generalisation_figure.py"),
