"""Why recovery plateaus: regimes, and the cells, effects and aliases of a factorial study (chapters 19 and 20)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cells": ["cell_jobs", "compare_causes", "compare_cells", "describe_jobs", "fits_by_cell"],
        "contrasts": ["aliases", "code_cells", "cross", "effects", "resolution"],
        "figures": ["plot_causes", "plot_cells", "plot_effects", "plot_regimes"],
        "leads": ["cell_leads", "plot_leads", "rule_picks"],
        "numbers": ["count_changed", "count_ended", "effect_numbers", "narrow_losses", "regime_jobs"],
        "settings": ["departures", "lay_out"],
        "words": ["say_bound", "say_effects", "say_largest", "say_lost", "say_picks"],
    },
)
