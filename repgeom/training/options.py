"""Which option belongs to which optimiser or schedule.

Known without importing torch, so that a configuration can be checked at once.
"""

OPTIMISER_OPTIONS = {
    "adadelta": (),
    "adam": (),
    "adamw": ("weight_decay",),
    "sgd": ("momentum", "weight_decay"),
}
WARMUP = {"cosine": 0.0, "one_cycle": 0.3}
"""The schedules that warm up, and for which fraction of the iterations if nothing else is said."""
