"""Data sets: where they lie, how they come, whether they are the registered ones, and what is said of their origin.

Everybody else takes names from here; `downloads` and `registry` are this folder's own.
"""

from yardsticks.datasets.downloads import DownloadFailed
from yardsticks.datasets.origin import Origin, SyntheticDataWarning
from yardsticks.datasets.places import (
    CATALOGUE,
    DEFAULT_SCORES,
    PUBLISHED,
    TWIN,
    cache_folder,
    catalogue,
    check,
    data_folder,
    find,
    fingerprint,
    hash_file,
    how_to_get,
    is_synthetic,
    locate,
    present,
    project_folder,
    pull,
    settled,
    twin_hash,
    warn_synthetic,
)
from yardsticks.datasets.registry import BY_HAND, OURS, REGISTRY, TOY, Dataset, registered

__all__ = [
    "BY_HAND",
    "CATALOGUE",
    "DEFAULT_SCORES",
    "OURS",
    "PUBLISHED",
    "REGISTRY",
    "TOY",
    "TWIN",
    "Dataset",
    "DownloadFailed",
    "Origin",
    "SyntheticDataWarning",
    "cache_folder",
    "catalogue",
    "check",
    "data_folder",
    "find",
    "fingerprint",
    "hash_file",
    "how_to_get",
    "is_synthetic",
    "locate",
    "present",
    "project_folder",
    "pull",
    "registered",
    "settled",
    "twin_hash",
    "warn_synthetic",
]
