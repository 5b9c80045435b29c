"""Linear probes: the objective, an exact solver with its certificate, the published solver."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fitting": ["fit_batch", "fit_path", "fit_probe", "measure_gap"],
        "options": ["Options"],
        "probe": ["Probe"],
    },
)
