"""Compare the numbers of two books: every glued value and every table that the chapters wrote.

    python tests/compare_books.py RUNS_BEFORE RUNS_AFTER

Each argument is a folder of executed chapters, ``_build/runs``. A chapter may have been split or renumbered: values are
compared by their names, over all chapters. Printed are the counts, and whatever is gone, new or different. The exit
code is 1 where a value or a table differs.
"""

import json
import math
import sys
from pathlib import Path

import pandas as pd


def glued(folder: Path) -> dict[tuple[str, str], str]:
    """Return the glued values of all chapters as text, by chapter and name."""
    found = {}
    for path in sorted(folder.glob("*/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                name = output.get("metadata", {}).get("scrapbook", {}).get("name")
                for kind, text in output.get("data", {}).items():
                    if name and kind.endswith("text/plain"):
                        found[path.stem, name] = "".join(text)
    return found


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables that the chapters wrote, by name."""
    return {path.name: pd.read_csv(path) for path in sorted(folder.glob("*/tables/*.csv"))}


def same(first: str, second: str) -> bool:
    """Tell whether two glued values are equal; numbers to ten digits."""
    try:
        a, b = float(first), float(second)
    except ValueError:
        return first == second
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-10, abs_tol=1e-14)


def main(before: Path, after: Path) -> int:
    """Print the comparison; return 1 where something differs."""
    old, new = glued(before), glued(after)
    counts = dict.fromkeys(("equal under its name", "equal under another name", "differs", "gone"), 0)
    for (chapter, name), value in old.items():
        of_this_name = [text for (_, other), text in new.items() if other == name]
        if any(same(value, text) for text in of_this_name):
            outcome = "equal under its name"
        elif any(same(value, text) for text in new.values()):
            outcome = "equal under another name"
        else:
            outcome = "differs" if (chapter, name) in new else "gone"
            print(f"  {outcome}: {chapter}: {name}: {value[:60]} -> {new.get((chapter, name), '')[:60]}")
        counts[outcome] += 1
    print(f"glued: {len(old)} before, {len(new)} after; {', '.join(f'{what}: {n}' for what, n in counts.items())}")
    old, new = tables(before), tables(after)
    wrong = []
    for name in sorted(set(old) & set(new)):
        try:
            pd.testing.assert_frame_equal(old[name], new[name], rtol=1e-6, check_like=True)
        except AssertionError as error:
            wrong.append(name)
            print(f"  differs: {name}: {str(error).splitlines()[0]}")
    print(f"tables: {len(old)} before, {len(new)} after, {len(set(old) & set(new))} in both, {len(wrong)} differ")
    print(f"  gone: {sorted(set(old) - set(new))}\n  new: {sorted(set(new) - set(old))}")
    return int(bool(counts["differs"] or wrong))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
