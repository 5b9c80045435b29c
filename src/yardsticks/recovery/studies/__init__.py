"""Recovery studies: what is asked, the jobs, running them here or on a cluster, and their tables."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "experiment": ["EXPERIMENTS", "PAPER", "SMOKE", "THINGS_OPEN", "Experiment", "Job"],
        "finished": ["collect"],
        "jobs": ["run_here"],
        "store": ["begin_study", "open_study"],
        "tables": ["open_results", "open_several", "split_cells", "write_table"],
    },
)
