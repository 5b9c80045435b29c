"""The specification curve: what the headline numbers are under every defensible set of choices."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "choices": ["PAPER_PROXY", "PLAIN", "Specification", "apply"],
        "curve": ["bootstrap_curve", "grid", "specification_curve"],
        "figures": ["CHOICES", "NUMBERS", "plot_curve", "plot_explained", "plot_ranges"],
        "evidence": ["behind_margins", "claim_numbers", "lowest_between", "readings", "weigh_claims"],
        "headline": ["all_headline_numbers", "headline_numbers"],
        "spread": [
            "count_distinct",
            "describe",
            "explained_by_choice",
            "leading_choices",
            "most_important",
            "nearest",
            "printed_lines",
            "say_close",
            "set_beside_printed",
        ],
    },
)
