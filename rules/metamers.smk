# Metamers: images synthesised so that a node of a network responds to them as to the originals.


use rule measure as metamers with:
    input:
        weights=artifacts.WEIGHTS,
        held_out=lambda w: artifacts.first_weights(CONFIG, held_out(w)),
        stimuli=stimuli_file,
        user=lambda w: user_files(w) + sources.user_files(CONFIG, held_out(w)),
    output:
        metamers=artifacts.METAMERS,
    log:
        artifacts.log(artifacts.MEASURED.replace("{measure}", "metamers")),
    benchmark:
        artifacts.benchmark(artifacts.MEASURED.replace("{measure}", "metamers"))
    wildcard_constraints:
        options=PLAN.known_options("metamers"),
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=grow(60),
    params:
        **model_code("metamers.py", held_out),
        script="metamers.py",
        options=lambda w: PLAN.options("metamers", w.options),
        network=lambda w: CONFIG.models[w.model].network(),
        held_out=lambda w: CONFIG.models[held_out(w)].network(),
        device=DEVICE,


use rule figure as metamers_figure with:
    input:
        metamers=lambda w: PLAN.measures(w.analysis, "metamers", artifacts.METAMERS)[0],
        others=lambda w: PLAN.shown(w.analysis, section(w).others)[0],
        original=lambda w: originals(w)[0],
    output:
        **figure_files("metamers", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("metamers"),
    params:
        **runs("metamers_figure.py"),
