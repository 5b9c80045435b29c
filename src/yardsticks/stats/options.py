"""Options are strings: a wrong one is refused with the right ones."""

from __future__ import annotations

from collections.abc import Iterable


def check_option(name: str, value: object, options: Iterable) -> None:
    """Raise a ValueError that lists the options when `value` is not one of them."""
    options = tuple(options)
    if value not in options:
        raise ValueError(f"{name}={value!r} is none of {', '.join(map(str, options))}.")
