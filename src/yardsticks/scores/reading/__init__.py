"""Reading tables of scores: formats recognised by content, numbers, rules of the leaderboard, areas."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "areas": ["assign_areas", "read_areas"],
        "example": ["write_example"],
        "rules": ["read_scores"],
    },
)
