"""Where data come from: real or synthetic, and the warning where synthetic ones stand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from yardsticks.literal import in_html

OWN = "User's file"  # begins the title of what somebody brings


class SyntheticDataWarning(UserWarning):
    """Real data were asked for and synthetic data are given.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", SyntheticDataWarning)  # rather no scores than synthetic ones
    """


@dataclass(frozen=True)
class Origin:
    """Where a table comes from.

    Parameters
    ----------
    name : str
        Name in the registry, or the file's name.
    kind : {"real", "synthetic"}
        Synthetic data are labelled wherever they are shown.
    sha256 : str
        Hash of the file's bytes; of the generating statistics for synthetic data.
    title : str
        One line for people.
    notes : dict of str to int
        What the reader left out, and how much of it.
    names : dict of str to tuple of str
        For what of this may be named: its names.
    rules : str
        Whose rules of reading were followed, where they are not those for any table.
    layout : str
        How the file is laid out, where it is not as most are.
    not_asked_for : tuple of str
        Its other metrics, where some were asked for.

    Examples
    --------
    >>> Origin("my.csv", "real", "1f2e").kind
    'real'
    """

    name: str
    kind: str
    sha256: str
    title: str = ""
    notes: dict[str, int] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: str = ""
    layout: str = ""
    not_asked_for: tuple[str, ...] = ()

    def __post_init__(self):
        if self.kind not in ("real", "synthetic"):
            raise ValueError(f"kind {self.kind!r} of the data's origin must be 'real' or 'synthetic'")

    def left_out(self, most: int | None = None) -> str:
        """Say what was left out on reading, with at most so many names of each kind; "" where nothing was."""
        parts = [self.layout] if self.layout else []
        for what, count in self.notes.items():
            names = self.names.get(what, ())
            shown = ", ".join(names[:most]) + (" ..." if len(names[:most]) < len(names) else "")
            parts += [f"{what}: {count:,}{f' ({shown})' if shown else ''}"] if count else []
        return "; ".join(parts) + (f" [by the rules for {self.rules}]" if parts and self.rules else "")

    def _repr_html_(self) -> str:
        notes = self.left_out(8)
        notes = f"<br>Left out on reading: {in_html(notes)}." if notes else ""
        title = in_html(self.title or self.name)
        if self.kind == "synthetic":
            return (
                f'<div class="origin synthetic" id="synthetic-data"><strong>Synthetic data.</strong> {title}. '
                f"No number on this page describes a real model.</div>"
            )
        if not self.title.startswith(OWN):  # of which nobody knows whether it is real
            title = f"<strong>Real data.</strong> {title}"
        return f'<div class="origin real">{title} (sha256 {self.sha256[:12]}…).{notes}</div>'
