# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for a Python interpreter: run the code of -c with a catalogue of small files on a local server.

The first argument is the server's URL; the names are those of the real Shap-E. For tests only.
"""

import hashlib
import sys
from pathlib import Path

NAMES = ("clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder")
HEADER = b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'


def body(name: str) -> bytes:
    """Return a weights file of 400 kB, different for each name."""
    return len(HEADER).to_bytes(8, "little") + HEADER + hashlib.sha256(name.encode()).digest() * 12_500


def path(name: str) -> str:
    """Return the file's path on the server and in the weights folder."""
    return f"{name}.safetensors"


def checkpoints(url: str) -> dict:
    """Return the catalogue."""
    from blender_text3d.engine.weights.catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile

    return {name: Checkpoint(
        name, "a test", (CheckpointFile(path(name), OFFICIAL, (Address(f"{url}/{path(name)}", "the test's server"),), 9,
                              size=len(body(name)), sha256=hashlib.sha256(body(name)).hexdigest()),),
        "MIT", f"https://example.org/{name.partition('/')[0]}", f"Be careful with {name.partition('/')[0]}.",
    ) for name in NAMES}  # fmt: skip


def main() -> None:
    url, *rest = sys.argv[1:]
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from blender_text3d.engine.weights import catalogue

    catalogue.CHECKPOINTS = checkpoints(url)
    catalogue.REQUIRED_CHECKPOINTS = {"shap-e/text300M": NAMES, "shap-e/image300M": ("clip/ViT-L-14", "shap-e/decoder")}
    sys.argv = rest[rest.index("-c") :]
    code = sys.argv.pop(1)
    exec(code, {"__name__": "__main__"})


if __name__ == "__main__":
    main()
