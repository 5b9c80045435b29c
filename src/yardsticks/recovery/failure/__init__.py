"""Rivals, candidates and margins (chapter 18), and what flexibility buys and costs (chapter 20)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "candidates": ["add_candidate", "recovery_by_candidates"],
        "figures": [
            "plot_candidates",
            "plot_coefficients",
            "plot_penalties",
            "plot_ranks_by_role",
            "plot_similarity",
            "plot_trade_off",
        ],
        "flexibility": [
            "compare_constraints",
            "open_transforms",
            "recovery_by_study",
            "shared_models",
            "trade_off",
        ],
        "nearest": [
            "describe_first_leads",
            "first_leads",
            "plot_first_leads",
            "plot_nearest",
            "recovery_by_nearest",
        ],
        "numbers": [
            "count_exchanges",
            "difference_claims",
            "nearest_rival",
            "rank_numbers",
            "regression_claims",
            "say_each",
            "say_sure",
            "shrinkage_claims",
            "trade_off_claims",
        ],
        "penalties": ["compare_penalties", "mean_gains", "penalty_numbers", "say_penalties"],
        "properties": ["model_geometry"],
        "regression": ["PREDICTORS", "regress_each", "say_coefficient"],
        "rivals": ["ANSWERS", "OTHERS", "pair_margins", "ranks_by_role"],
    },
)
