"""What one may ask of a way to integrate metrics, and the smallest part of a table that shows it is not so."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "definitions": ["ALWAYS", "AXIOMS", "Axiom", "Violation"],
        "figures": ["plot_axioms"],
        "search": [
            "RULES",
            "WORDS",
            "axiom_table",
            "complete_scores",
            "count_axioms",
            "counterexample",
            "describe_counterexamples",
            "stability",
        ],
    },
)
