"""From many metrics to one ranking: ways to integrate, how sure a rank is, and how far it depends on the way."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "describe": [
            "agreement_with_mean",
            "compare_leaders",
            "describe_leader",
            "describe_left_out",
            "describe_shifts",
            "divided_variance",
            "first_by_scheme",
            "leading_models",
            "list_left_out",
            "rankings",
            "say_first",
            "say_ranks",
        ],
        "groups": ["group_letters", "told_apart"],
        "leaderboard": ["describe_case", "describe_models", "describe_ways", "rank_every_way", "turnable"],
        "ranking": ["domain_ranks", "integrate", "neural_behaviour", "rank_shifts"],
        "resampled": ["rank_intervals", "resampled_areas", "resampled_ranks"],
        "schemes": [
            "LEVELS",
            "MIN_COVERAGE",
            "SCHEMES",
            "combine",
            "domain_coverage",
            "domain_scores",
            "has_enough",
            "score_parts",
        ],
        "kemeny": ["Kemeny", "kemeny_order"],
        "votes": ["VOTES", "vote"],
        "variance": ["variance_explained", "variance_shares"],
    },
)
