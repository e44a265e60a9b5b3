# Capacity of manifolds, the classes of a stimulus set: of one network, and the figures that join networks.


use rule measure as capacity with:
    input:
        coordinates=artifacts.COORDINATES,
    wildcard_constraints:
        measure="capacity",
    resources:
        mem_mb=grow(2000),
        runtime=grow(120),
    params:
        **runs("capacity.py"),


use rule figure as capacity_figure with:
    input:
        tables=measures("capacity"),
    output:
        **figure_files("capacity", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("capacity"),
    params:
        **runs("capacity_figure.py"),


use rule measure as capacity_methods with:
    input:
        coordinates=artifacts.COORDINATES,
    wildcard_constraints:
        measure="capacity_methods",
    params:
        **runs("capacity_methods.py"),


use rule figure as capacity_methods_figure with:
    input:
        methods=measures("capacity_methods"),
        mean_field=measures("capacity"),
    output:
        **figure_files("capacity_methods", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("capacity_methods"),
    params:
        **runs("capacity_methods_figure.py"),


use rule measure as capacity_draws with:
    input:
        weights=artifacts.WEIGHTS,
        dataset=lambda w: artifacts.DATASET.format(dataset=CONFIG.dataset_of(w.stimuli)),
        user=user_files,
    wildcard_constraints:
        measure="capacity_draws",
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=grow(60),
    params:
        **model_code("capacity_draws.py"),
        script="capacity_draws.py",
        selection=lambda w: CONFIG.stimuli[w.stimuli].chosen(),
        network=lambda w: CONFIG.models[w.model].network(),
        batch_size=CONFIG.batch_size,
        device=DEVICE,


use rule figure as capacity_draws_figure with:
    input:
        tables=measures("capacity_draws"),
    output:
        **figure_files("capacity_draws", means=True),
    wildcard_constraints:
        analysis=PLAN.of_kind("capacity_draws"),
    params:
        **runs("capacity_draws_figure.py"),
        dataset=shown_images,
        references=lambda w: references_of_dataset(ROOT, "manifolds", shown_images(w)),
