"""What code a result comes from: the package's own files, and the installed packages that compute with them."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

COMPUTING = ("numpy", "pandas", "scipy", "torch")
DRAWING = ("matplotlib", "pillow", "seaborn")
# of the package: all that a job of a study runs
OF_STUDIES = ("datasets", "devices.py", "literal.py", "recovery", "stats")


class OtherCode(RuntimeError):
    """What is stored, or what a worker would do, is not of the code that runs here."""


def installed(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of those of the packages that are installed."""
    versions = {"python": platform.python_version()}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def hash_source(parts: Iterable[str], package: Path = Path(__file__).parent) -> str:
    """Return the SHA-256 of the package's source, or of some of its modules and folders."""
    digest = hashlib.sha256()
    roots = [package / part for part in parts]
    files = {path for root in roots for path in (root.rglob("*.py") if root.is_dir() else [root])}
    for path in sorted(files):
        digest.update(
            f"{path.relative_to(package).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


def study_code() -> dict[str, str]:
    """Return what a study's results come from besides settings and data: ``package`` (a hash), and versions."""
    return {"package": hash_source(OF_STUDIES)} | installed(COMPUTING)


def say_difference(before: dict[str, str], now: dict[str, str]) -> str:
    """Say in a few words how two states of the code differ."""
    if not before:
        return "of an earlier version of the package, which did not write down its source"
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    short = {name: [(code.get(name) or "none")[:12] for code in (before, now)] for name in names}
    return ", ".join(f"{name} {old}, now {new}" for name, (old, new) in short.items())
