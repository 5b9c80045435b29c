"""Names as people mean them: what looks alike is one name, and Brain-Score's metrics go by the catalogue's names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from yardsticks.datasets import catalogue

_INVISIBLE = re.compile(  # joiners mean something between letters of some scripts, and nothing beside Latin ones
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]|(?<=[\x20-\u024f])[\u200c\u200d]|[\u200c\u200d](?=[\x20-\u024f])"
)
_BLANK = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")
_LAB = re.compile(r"^[a-z]+\.")
_VERSION = re.compile(r"(?<=.)_v([0-9]+)$")
_AVERAGE = re.compile(
    r"(avg\.?|average|mean|overall|total)(\s*\(.*\))?|(avg\.?|average) (perf|score|of|on|over|across)\b.*", re.I
)


def clean(text: str) -> str:
    """Write text so that what looks the same is the same: composed accents, no invisible characters, plain blanks."""
    if text.isascii():
        return text
    return _BLANK.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def known_names(metrics: Iterable[str], *, versioned: bool = False) -> dict[str, str]:
    """Name Brain-Score's metrics as the catalogue does: without a version, and whether or not a lab stands before them.

    The site writes ``tong.Coggan2024_fMRI.V1-rdm`` without ``tong.`` where it shows names, and older identifiers began
    with a lab throughout (``dicarlo.MajajHong2015.V4-pls``). Of a name that is not Brain-Score's nothing is cut, unless
    the file has versions in all of its names (`versioned`).
    """
    known = {_LAB.sub("", name): name for name in catalogue("metrics")["metric"]}
    nodes = set(catalogue("hierarchy")["parent"])
    named = {}
    for metric in metrics:
        plain = _VERSION.sub("", metric)
        own = plain if versioned or plain in nodes else metric
        named[metric] = known.get(_LAB.sub("", plain), own)
    return named


def version_of(metric: str, name: str) -> float:
    """Return the version at the end of a metric's name in the file, where it was cut from `name`; else NaN."""
    found = _VERSION.search(metric)
    return float(found[1]) if found and not name.endswith(found[0]) else float("nan")


def is_average(column: str) -> bool:
    """Tell whether a column is called as what leaderboards compute from others, such as ``avg`` or ``Mean (Task)``."""
    return _AVERAGE.fullmatch(column.strip()) is not None


def nearest(name: str, names: Sequence[str]) -> str:
    """Say up to three names that somebody may have meant."""
    return " or ".join(get_close_matches(name, names, 3, 0.4) or names[:3])


def choose_names(
    wanted: Sequence[str], names: Iterable[str], *, option: str = "metrics", not_read: Collection[str] = ()
) -> list[str]:
    """Find metrics that are asked for: each text is a metric's name, or several with commas between.

    Parameters
    ----------
    wanted : sequence of str
    names : iterable of str
        Of the metrics that there are.
    option : {"metrics", "lower_better"}
        By which they are asked for, for messages.
    not_read : collection of str
        Metrics of the file that ``metrics`` leaves out, for messages.

    Raises
    ------
    ValueError
        There is no such metric, or none is named.
    """
    said = f"{option} (--{option.replace('_', '-')})"
    names, chosen = list(names), []
    if not names:
        raise ValueError("there is no metric in it.")
    for text in map(clean, wanted):
        for name in [text] if text in names else filter(None, map(str.strip, text.split(","))):
            found = name if name in names else known_names([name])[name]
            if found in not_read:
                raise ValueError(
                    f"{said} names {name!r}, which metrics (--metrics) leaves out. Name it there too, or leave it out "
                    f"of {option}."
                )
            if found not in names and option == "metrics" and name in ("paper", "all"):
                raise ValueError(f"{said}: {name} stands alone. Write it without other names, or names alone.")
            if found not in names:
                raise ValueError(
                    f"it has no metric {name!r}. Perhaps {nearest(name, names)}; there are {len(names)}. Correct "
                    f"{said}: a metric that has a comma in its name is named by an option of its own"
                    f"{', and paper or all stands alone' if option == 'metrics' else ''}."
                )
            chosen.append(found)
    if not chosen:
        raise ValueError(f"{said} is empty. Name a metric, or leave the option out.")
    return list(dict.fromkeys(chosen))
