"""Data sets: where they lie, how they come, whether they are the registered ones, and what is said of their origin.

Everybody else takes names from here; `downloads` and `registry` are this folder's own.
"""

from yardsticks.datasets.arrivals import (
    accept,
    bring,
    how_to_get,
    is_accepted,
    locate,
    pull,
    say_failed,
    say_terms,
    settled,
    terms,
    warn_synthetic,
)
from yardsticks.datasets.downloads import DownloadFailed
from yardsticks.datasets.origin import Origin, SyntheticDataWarning
from yardsticks.datasets.places import (
    CATALOGUE,
    DEFAULT_SCORES,
    FROZEN,
    PUBLISHED,
    TWIN,
    cache_folder,
    catalogue,
    check,
    data_folder,
    find,
    fingerprint,
    hash_file,
    is_synthetic,
    present,
    project_folder,
    twin_hash,
)
from yardsticks.datasets.registry import OTHER, OURS, REGISTRY, TOY, Dataset, registered

__all__ = [
    "CATALOGUE",
    "DEFAULT_SCORES",
    "FROZEN",
    "OTHER",
    "OURS",
    "PUBLISHED",
    "REGISTRY",
    "TOY",
    "TWIN",
    "Dataset",
    "DownloadFailed",
    "Origin",
    "SyntheticDataWarning",
    "accept",
    "bring",
    "cache_folder",
    "catalogue",
    "check",
    "data_folder",
    "find",
    "fingerprint",
    "hash_file",
    "how_to_get",
    "is_accepted",
    "is_synthetic",
    "locate",
    "present",
    "project_folder",
    "pull",
    "registered",
    "say_failed",
    "say_terms",
    "settled",
    "terms",
    "twin_hash",
    "warn_synthetic",
]
