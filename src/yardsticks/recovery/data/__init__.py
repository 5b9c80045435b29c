"""The second wing's data: THINGS, people's judgements, features, a toy world, a user's own, the authors'."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "all_judgements": ["open_all_judgements"],
        "authors": ["open_published_recovery"],
        "extract": ["extract_features"],
        "features": ["Features", "list_features", "open_features"],
        "judgements": ["describe_sources", "open_human_triplets", "open_repeated_triplets", "read_triplets"],
        "own": ["describe_folder", "list_own_models", "open_own_features", "open_own_people", "write_example_folder"],
        "things": ["open_categories", "open_concepts", "open_embedding", "to_things_order"],
        "toy": ["make_world"],
        "treatment": ["treat"],
    },
)
