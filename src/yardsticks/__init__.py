"""Measuring the measuring sticks: can we trust what says which AI model is most human-like?

The public names are loaded on first use, so that importing the package stays cheap and never imports torch.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "datasets": ["Origin", "SyntheticDataWarning"],
        "recovery": [
            "Features",
            "Probe",
            "Triplets",
            "calibrate",
            "fit_path",
            "fit_probe",
            "list_features",
            "make_world",
            "noise_ceiling",
            "object_folds",
            "open_categories",
            "open_concepts",
            "open_embedding",
            "open_features",
            "open_human_triplets",
            "open_published_recovery",
            "open_repeated_triplets",
            "published_folds",
            "read_triplets",
            "sample_triplets",
            "simulate",
            "to_things_order",
            "treat",
        ],
        "scores": ["ScoreTable", "consistency", "integrate", "make_twin", "open_scores", "read_scores"],
        "stats": ["Consistency", "correct", "correlate", "density"],
    },
)
