"""What a set of metrics is made of: dimensions, clusters, the metrics that are needed, and all that in time."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "board": ["dependence", "say_turned", "share_turned", "without_one"],
        "clusters": ["cluster_metrics", "describe_clusters", "merges"],
        "dimensions": [
            "analyse_dimensions",
            "by_policy",
            "correlations",
            "count_dimensions",
            "describe_loadings",
            "explained_by_holes",
            "fill_holes",
            "loadings",
            "one_of_each",
        ],
        "figures": ["plot_clusters", "plot_dimensions", "plot_fewest", "plot_leaders", "plot_months"],
        "months": [
            "describe_leaders",
            "describe_months",
            "find_boards",
            "heaviest",
            "later_part",
            "leaders",
            "through_time",
        ],
        "redundancy": ["choose_greedily", "describe_savings", "held_out", "needed", "subset_scores"],
    },
)
