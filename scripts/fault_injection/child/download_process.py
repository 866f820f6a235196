# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that downloads one file to a weights folder and prints its path: download_process.py URL FOLDER BYTES."""

import sys
from pathlib import Path

from blender_text3d.engine.weights.catalogue import Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.catalogue.checkpoint import OFFICIAL
from blender_text3d.engine.weights.download.fetch import fetch


def main(url: str, folder: str, size: str) -> None:
    """Download the file as the add-on's background process does."""
    form = CheckpointFile("test/net.pt", OFFICIAL, (Address(url, "the server"),), parameter_count=1_000, size=int(size))
    checkpoint = Checkpoint("net", "a test", (form,), "MIT", "https://example.org", "None.")
    news = fetch(checkpoint, Path(folder) / "weights")
    try:
        while True:
            next(news)
    except StopIteration as end:
        print(end.value.path)


if __name__ == "__main__":
    main(*sys.argv[1:])
