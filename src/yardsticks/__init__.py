"""Measuring the measuring sticks: can we trust what says which AI model is most human-like?

The public names are loaded on first use, so that importing the package stays cheap and never imports torch.
"""

from importlib import import_module

_HOMES = {
    "Origin": "datasets",
    "SyntheticDataWarning": "datasets",
    "correct": "stats",
    "correlate": "stats",
    "ScoreTable": "scores.table",
    "open_scores": "scores.readers",
    "read_scores": "scores.readers",
    "make_twin": "scores.twin",
    "consistency": "scores.consistency",
    "integrate": "scores.integration",
    "Triplets": "recovery.triplets",
    "object_folds": "recovery.triplets",
    "sample_triplets": "recovery.triplets",
    "open_human_triplets": "recovery.readers",
    "open_repeated_triplets": "recovery.readers",
    "read_triplets": "recovery.readers",
    "open_categories": "recovery.things",
    "open_concepts": "recovery.things",
    "open_embedding": "recovery.things",
    "to_things_order": "recovery.things",
    "Features": "recovery.features",
    "list_features": "recovery.features",
    "open_features": "recovery.features",
    "treat": "recovery.features",
    "make_world": "recovery.toy",
    "open_published_recovery": "recovery.archive",
    "Probe": "recovery.probe",
    "fit_probe": "recovery.fitting",
    "fit_path": "recovery.fitting",
    "noise_ceiling": "recovery.ceiling",
    "calibrate": "recovery.ceiling",
    "simulate": "recovery.ceiling",
}
__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str):
    """Import the home of a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'yardsticks' has no attribute {name!r}")
    return getattr(import_module(f"yardsticks.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
