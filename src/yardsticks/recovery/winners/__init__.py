"""Who wins when a known model made the choices: recovery curves, confusions, margins (chapter 16)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "authors": ["authors_curves"],
        "claims": [
            "SCORE",
            "candidate_numbers",
            "component_numbers",
            "false_winners",
            "geometry_numbers",
            "outside_regime",
            "published_curve",
            "shrinkage_numbers",
            "study_numbers",
            "trade_off_numbers",
        ],
        "closer": ["chart_recovery", "confusions_by_study"],
        "coefficients": ["coefficient_intervals", "difference_numbers", "regression_numbers"],
        "compare": ["compare_studies", "mean_change"],
        "credit": ["confusion", "confusions", "lost", "rank_shares", "winners"],
        "curves": [
            "describe_end",
            "model_sets",
            "one_per_family",
            "recovery_by_family",
            "recovery_by_set",
            "recovery_curve",
            "taken_for",
        ],
        "describe": [
            "compare_several",
            "describe_compared",
            "describe_design",
            "describe_ends",
            "describe_generators",
            "describe_lost",
            "hardest_and_easiest",
        ],
        "figures": [
            "SCORE_NAMES",
            "plot_confusions",
            "plot_margins",
            "plot_printed",
            "plot_ranks",
            "plot_recovery",
            "plot_recovery_and_lead",
        ],
        "fits": ["LOOSE", "describe_fits", "generators_at_end", "generators_at_ends"],
    },
)
