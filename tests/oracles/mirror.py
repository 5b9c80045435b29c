"""A folder like the hosts of the registered sources, HOST/PATH, as far as files at hand allow: for a local server.

``python tests/oracles/mirror.py DATA FOLDER`` makes one of a folder of real data: its ``upstream/`` as it is, and the
files of the first wing that can be had from our copies byte for byte. Of the leaderboard's snapshot only our table is
there: it is put into FOLDER/cache, as if somebody had it already.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

from yardsticks.datasets.registry import SOURCES, registered


def make_mirror(data: Path, folder: Path) -> Path:
    """Return a folder of all sources that can be had from real data, all with the registered hash."""
    held = {
        "export_2025_05": (data / "brainscore/leaderboard_2025-05_export.csv").read_bytes(),
        "attention_map": attention_map(data / "brainscore/attention_map_similarity.csv"),
    }
    for name, source in SOURCES.items():
        place = source.url.partition("://")[2]
        if (data / "upstream" / place).is_file():
            held[name] = (data / "upstream" / place).read_bytes()
        if name in held:
            assert hashlib.sha256(held[name]).hexdigest() == source.sha256, name
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(held[name])
    return folder


def attention_map(ours: Path) -> bytes:
    """Return the table as its authors publish it: ours has another column, other line ends, and 11.0 for 11."""
    rows = [line.split(",")[:-1] for line in ours.read_text(encoding="utf-8").splitlines()]
    return "\r\n".join(",".join(re.sub(r"^(\d+)\.0$", r"\1", cell) for cell in row) for row in rows).encode()


if __name__ == "__main__":
    data, folder = map(Path, sys.argv[1:])
    make_mirror(data, folder / "hosts")
    table = registered()["brainscore-2024-01"].path
    (folder / "cache" / table).parent.mkdir(parents=True)
    shutil.copy(data / table, folder / "cache" / table)
