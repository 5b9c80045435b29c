"""How well probes of every kind predict people's judgements (chapter 15)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "accuracy": ["by_transform", "describe_order", "pool", "steps"],
        "comparison": ["count_decided", "dominance", "equivalence"],
        "describe": ["compare_random", "describe_best", "describe_fits", "describe_flattery"],
        "figures": ["plot_dominance", "plot_penalties", "plot_predictions"],
        "measure": ["RANK", "probe_models", "write_probes"],
    },
)
