"""How reliable scores are, what a correction of their ceilings changes, and what else could make metrics agree."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attenuation": [
            "correct_for_noise",
            "disattenuate",
            "noise_shares",
            "reliability",
            "reliability_by_area",
        ],
        "ceilings": ["correct_ceilings", "count_outcomes", "leaf_ceilings", "rank_moves", "recompute_printed"],
        "confounds": ["adjust_pairs", "confounders", "interval_of_partial", "partial_correlations", "reversals"],
        "domains": ["domain_parts", "domains_without_noise", "key_noise"],
        "figures": ["plot_noise"],
        "inner": ["cronbach_alpha", "inner_consistency", "spearman_brown"],
        "noise": [
            "BY",
            "SOURCES",
            "Noise",
            "families_of",
            "list_networks",
            "networks",
            "noise_again",
            "noise_sources",
            "published_noise",
        ],
        "weights": ["reliability_weights"],
    },
)
