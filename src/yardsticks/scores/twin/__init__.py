"""The synthetic twin: an invented leaderboard with the real one's statistics."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "compare": ["compare_with_real", "compared_statistics"],
        "draw": ["make_twin"],
    },
)
