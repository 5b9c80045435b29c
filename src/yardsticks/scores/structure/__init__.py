"""What a set of metrics is made of: its dimensions, its groups, which metrics are needed, and how that changed in time."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "board": ["describe_removals", "removals"],
        "clusters": ["cluster_metrics", "describe_clusters", "merges"],
        "dimensions": [
            "HOLES",
            "analyse_dimensions",
            "by_policy",
            "count_dimensions",
            "describe_loadings",
            "fill_holes",
            "loadings",
        ],
        "figures": [
            "plot_boards",
            "plot_clusters",
            "plot_dimensions",
            "plot_fewest",
            "plot_leaders",
            "plot_months",
        ],
        "months": ["describe_month", "leaders", "table_at", "through_time"],
        "redundancy": ["choose_greedily", "describe_savings", "held_out", "needed", "subset_scores"],
    },
)
