"""What people choose: how often they agree, the ceiling that this sets, and consistent categories (chapter 14)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "calibration": ["calibrate"],
        "ceiling": ["ceiling_errors", "ceilings", "ceilings_by_raters", "noise_ceiling"],
        "consistency": ["category_consistency", "concept_consistency", "decidedness", "shared_category_consistency"],
        "counts": ["count_types", "mixing_distribution", "most_likely_mixing", "response_counts"],
        "describe": [
            "calibrate_embedding",
            "count_judgements",
            "describe_categories",
            "describe_repeated",
            "share_decided",
        ],
        "embeddings": ["choice_agreement", "embedding_scores", "unanimity"],
        "figures": ["plot_accuracies", "plot_agreement", "plot_categories", "plot_ceilings", "plot_decidedness"],
    },
)
