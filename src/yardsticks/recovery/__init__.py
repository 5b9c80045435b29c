"""Wing B: would the best-fitting model be the right one? Triplets, features, probes and the recovery of models."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "data": [
            "Features",
            "extract_features",
            "list_features",
            "make_world",
            "open_categories",
            "open_concepts",
            "open_embedding",
            "open_features",
            "open_human_triplets",
            "open_published_recovery",
            "open_repeated_triplets",
            "read_triplets",
            "to_things_order",
            "treat",
        ],
        "people": ["calibrate", "noise_ceiling"],
        "probes": ["Options", "Probe", "fit_path", "fit_probe"],
        "studies": ["EXPERIMENTS", "PAPER", "SMOKE", "THINGS_OPEN", "Experiment", "open_results", "run_here"],
        "triplets": ["Triplets", "object_folds", "published_folds", "sample_triplets", "simulate"],
        "winners": ["confusion", "plot_confusions", "plot_recovery", "recovery_curve"],
    },
)
