# What is particular to recurrent networks in clutter: their canvases, input layers and flows.


use rule figure as canvas_gallery_figure with:
    input:
        datasets=lambda w: sources.domain_files(CONFIG, section(w).dataset),
    output:
        **figure_files("canvas_gallery"),
    wildcard_constraints:
        analysis=PLAN.of_kind("canvas_gallery"),
    params:
        **runs("canvas_gallery_figure.py"),
        canvases=lambda w: sources.canvas_recipe(CONFIG, section(w).dataset),


use rule figure as input_maps_figure with:
    input:
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        activations=files(artifacts.ACTIVATIONS),
    output:
        **figure_files("input_maps"),
    wildcard_constraints:
        analysis=PLAN.of_kind("input_maps"),
    params:
        **runs("input_maps_figure.py"),


use rule measure as perturbation with:
    input:
        weights=artifacts.WEIGHTS,
        datasets=lambda w: sources.domain_files(CONFIG, CONFIG.models[w.model].dataset),
        user=user_files,
    wildcard_constraints:
        measure="perturbation",
    resources:
        gpu=GPU,
        mem_mb=grow(4000),
        runtime=grow(240),
    params:
        **model_code("perturbation.py"),
        script="perturbation.py",
        network=lambda w: CONFIG.models[w.model].network(),
        canvases=lambda w: sources.canvas_recipe(CONFIG, CONFIG.models[w.model].dataset),
        device=DEVICE,
        batch_size=CONFIG.batch_size,


use rule figure as perturbation_figure with:
    input:
        tables=measures("perturbation"),
    output:
        **figure_files("perturbation"),
    wildcard_constraints:
        analysis=PLAN.of_kind("perturbation"),
    params:
        **runs("perturbation_figure.py"),
        published=published_numbers,
