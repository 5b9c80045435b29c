"""What a set of metrics is made of: dimensions, clusters, the metrics that are needed, and all that in time."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "board": ["dependence", "say_turned", "share_turned", "without_one"],
        "clusters": ["cluster_metrics", "cluster_order", "describe_clusters", "merges"],
        "dimensions": [
            "analyse_dimensions",
            "by_policy",
            "correlations",
            "count_dimensions",
            "explained_by_holes",
            "fill_holes",
            "one_of_each",
        ],
        "figures": ["plot_clusters", "plot_dimensions", "plot_fewest", "plot_leaders", "plot_months"],
        "first": ["describe_leaders", "heaviest", "leaders"],
        "months": ["describe_months", "find_boards", "later_part", "through_time"],
        "naming": ["describe_loadings", "loadings"],
        "redundancy": ["choose_greedily", "describe_savings", "held_out", "needed", "subset_scores"],
    },
)
