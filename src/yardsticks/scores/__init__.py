"""Wing A: do alignment metrics agree?"""

import lazy_loader

# not lazily: a module of this name would hide the function
from yardsticks.scores.consistency import consistency

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["axioms", "integration", "intervals", "structure", "summaries"],
    submod_attrs={
        "attention": ["extended_groups"],
        "consistency": [
            "choose_metrics",
            "group_scores",
            "mean_by_areas",
            "pair_table",
            "paper_leaves",
        ],
        "figures": [
            "chart_consistency",
            "chart_integrations",
            "chart_neural_behaviour",
            "plot_claims",
            "plot_consistency",
            "plot_coverage",
            "plot_densities",
            "plot_integrations",
            "plot_missing",
            "plot_neural_behaviour",
            "plot_pairs",
            "plot_presence",
            "plot_ranking",
            "plot_score_ranges",
            "plot_twin",
        ],
        "integration": [
            "domain_ranks",
            "domain_scores",
            "group_letters",
            "integrate",
            "neural_behaviour",
            "rank_shifts",
            "resampled_ranks",
            "score_parts",
            "told_apart",
            "variance_explained",
            "variance_shares",
        ],
        "metrics": ["NEURAL_AREAS"],
        "missing": ["SMALLEST_GROUP", "coverage", "missing_scores", "rank_where_scored", "variance_by_policy"],
        "opening": ["open_scores"],
        "reading": ["assign_areas", "read_areas", "read_scores", "write_example"],
        "samples": ["brain_score_groups", "figure1_groups", "listed_models", "odd_one_out_margin", "paper_models"],
        "table": ["ScoreTable"],
        "twin": ["compare_with_real", "make_twin"],
    },
)
__all__ += ["consistency"]
