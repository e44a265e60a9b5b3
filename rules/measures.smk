# What is measured of one network that is shown one stimulus set: what each measure reads, and where it differs from the
# others. templates.smk makes a rule of each.
#   results/measures/{measure}/{model}/seed{seed}/{epoch}/{stimuli}/{options}.csv
#   results/metamers/{model}/seed{seed}/{epoch}/{stimuli}/{options}.h5      images that a node takes for the originals
#   results/inference/{model}/seed{seed}/{epoch}/{stimuli}/{options}.h5     similarities to data, in every resample

MEASURES = {
    "capacity": dict(
        input=dict(coordinates=artifacts.COORDINATES),
        resources=dict(runtime=grow(120)),
    ),
    "capacity_draws": dict(
        input=dict(
            weights=artifacts.WEIGHTS,
            dataset=NETWORK.dataset,
            user=NETWORK.user_files,
        ),
        resources=dict(gpu=GPU, mem_mb=grow(3000)),
        params=dict(
            **builds_model("capacity_draws.py"),
            selection=lambda w: CONFIG.stimuli[w.stimuli].chosen(),
            batch_size=CONFIG.batch_size,
        ),
    ),
    "capacity_methods": dict(input=dict(coordinates=artifacts.COORDINATES)),
    "decoding": dict(
        input=dict(coordinates=artifacts.COORDINATES),
        resources=dict(mem_mb=grow(3000), runtime=grow(120)),
    ),
    "embeddings": dict(input=dict(coordinates=artifacts.COORDINATES)),
    "encoding": dict(
        input=dict(
            coordinates=artifacts.COORDINATES,
            responses=NETWORK.by_option("encoding", artifacts.DATA_RESPONSES, "data"),
        ),
        resources=dict(mem_mb=grow(4000), runtime=grow(120)),
    ),
    "inference": dict(
        input=dict(
            rdms=NETWORK.by_option("inference", artifacts.RDMS, "measure"),
            data=NETWORK.by_option("inference", artifacts.DATA_RDMS, "data"),
        ),
        output=dict(arrays=artifacts.INFERENCE),
        resources=dict(runtime=grow(120)),
    ),
    "metamers": dict(
        input=dict(
            weights=artifacts.WEIGHTS,
            held_out=NETWORK.held_out_weights,
            stimuli=NETWORK.stimuli,
            user=NETWORK.user_files_with_held_out,
        ),
        output=dict(metamers=artifacts.METAMERS),
        resources=dict(gpu=GPU, mem_mb=grow(3000)),
        params=dict(
            **builds_model("metamers.py", NETWORK.modules_with_held_out),
            held_out=NETWORK.held_out_network,
        ),
    ),
    "perturbation": dict(
        input=dict(
            weights=artifacts.WEIGHTS,
            datasets=NETWORK.training_domains,
            user=NETWORK.user_files,
        ),
        resources=dict(gpu=GPU, mem_mb=grow(4000), runtime=grow(240)),
        params=dict(
            **builds_model("perturbation.py"),
            canvases=NETWORK.canvases,
            batch_size=CONFIG.batch_size,
        ),
    ),
    "separation": dict(
        input=dict(rdms=NETWORK.by_option("separation", artifacts.RDMS, "measure")),
    ),
    "sweep": dict(input=dict(coordinates=artifacts.COORDINATES)),
}
