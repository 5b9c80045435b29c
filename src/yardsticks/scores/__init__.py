"""Wing A: do alignment metrics agree?"""

import lazy_loader

# not lazily: a module of this name would hide the function
from yardsticks.scores.consistency import consistency

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention": ["extended_groups", "figure1_numbers"],
        "figures": [
            "plot_claims",
            "plot_consistency",
            "plot_coverage",
            "plot_densities",
            "plot_integrations",
            "plot_missing",
            "plot_neural_behaviour",
            "plot_pairs",
            "plot_presence",
            "plot_score_ranges",
            "plot_twin",
        ],
        "integration": [
            "domain_scores",
            "integrate",
            "neural_behaviour",
            "rank_shifts",
            "score_parts",
            "variance_explained",
        ],
        "missing": ["SMALLEST_GROUP", "coverage", "missing_scores", "variance_by_policy"],
        "opening": ["open_scores"],
        "reading": ["read_scores"],
        "summaries": [
            "bootstrap",
            "count_verdicts",
            "describe_areas",
            "describe_missing",
            "describe_pairs",
            "describe_table",
            "mean_by_kind",
            "mean_correlation",
            "pair_kinds",
            "rankings",
            "say_ranks",
            "scheme_agreement",
        ],
        "table": ["NEURAL_AREAS", "ScoreTable"],
        "twin": ["compare_with_real", "make_twin"],
        "consistency": ["choose_metrics", "group_scores", "mean_by_areas", "pair_table", "paper_models"],
    },
)
__all__ += ["consistency"]
