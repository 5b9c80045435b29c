"""Triplets of objects, folds, sampling and randomness, and choices of the odd one out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "choices": ["accuracy", "choice_probabilities", "choose", "embedding_logits", "nll", "simulate"],
        "folds": ["object_folds", "published_folds"],
        "sampling": ["sample_triplets"],
        "triplets": ["Triplets"],
    },
)
