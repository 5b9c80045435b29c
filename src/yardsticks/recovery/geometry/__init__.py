"""What alignment with people does to the geometry of models (chapter 17)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "change": [
            "changes",
            "family_contrast",
            "margin_correlations",
            "nearest",
            "nearest_margins",
            "place",
            "similarity_to",
            "state_matrix",
            "wrong_winners",
        ],
        "describe": [
            "changes_toward",
            "describe_neighbours",
            "describe_shifts",
            "dimensionalities",
            "people_alike",
            "shift_correlations",
            "shifts_by_family",
        ],
        "dissimilarity": ["effective_dimensionality", "similarity"],
        "figures": [
            "plot_dimensionality",
            "plot_map",
            "plot_margins_by_similarity",
            "plot_shifts",
            "plot_similarities",
        ],
        "measure": ["measure_geometry"],
    },
)
