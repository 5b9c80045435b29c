"""Figures of wing A: tidy frames in, a matplotlib Figure out; only positions are computed."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "agreement": ["plot_consistency", "plot_densities", "plot_integrations", "plot_neural_behaviour", "plot_pairs"],
        "closer": ["chart_integrations", "chart_neural_behaviour"],
        "closer_pairs": ["chart_consistency"],
        "comparison": ["plot_claims", "plot_twin"],
        "ranks": ["plot_ranking"],
        "coverage": ["plot_coverage", "plot_missing", "plot_presence", "plot_score_ranges"],
    },
)
