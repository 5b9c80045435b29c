"""Statistics that both wings use: correlation, corrections for many tests, intervals, options."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "correlation": [
            "METHODS",
            "PAIR_POLICIES",
            "Consistency",
            "coefficients",
            "correlate",
            "explained_variance",
            "mean_correlation",
        ],
        "estimates": ["Z95", "cluster_interval", "density", "exact_interval"],
        "options": ["check_option"],
        "resampling": ["draw_counts", "resampled_correlations"],
        "significance": ["CORRECTIONS", "correct", "sign_test"],
    },
)
