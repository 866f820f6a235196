# SPDX-License-Identifier: GPL-3.0-or-later
"""Read valid files with random changes. A manual counterpart of test_fuzz.py for any number of cases.

    python -m tests.security.random_bytes --cases 100000 --seed 1

Prints a line for each kind: cases, how many were accepted, how many refused. Any other outcome ends the run and prints
the bytes.
"""

import argparse
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from blender_text3d.client.event_tail import EventTail
from blender_text3d.engine.image.image_file import BadImage, read_image
from blender_text3d.engine.shap_e.saved_latent import WrongLatent, load_latent
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats.contents import read_contents
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.job_folder import JobFolder
from tests.security.conftest import limited_memory
from tests.security.npz_files import MESH, npz_of
from tests.security.test_fuzz import CHECKPOINT, EVENTS, LATENT, REQUEST_FILE, TENSORS, image_of, save

MAX_CHANGES = 8
MAX_PIECE_BYTES = 12
DOCUMENTED_ERRORS = (BadImage, WrongLatent, BrokenWeights, InvalidJob, ValueError)
INTERESTING_BYTES = [
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"1e400",
    b"NaN",
    b"-1",
    b"[" * 40,
    b'"',
    b"\x1b[",
    b"../",
    b"9" * 30,
    b"}",
]


def corrupted(valid: bytes, rng: random.Random) -> bytes:
    content = bytearray(valid)
    for _ in range(rng.randint(1, MAX_CHANGES)):
        start, length = rng.randrange(len(content) + 1), rng.randrange(MAX_PIECE_BYTES)
        piece = rng.choice([rng.randbytes(length), b"", content[start : start + length], rng.choice(INTERESTING_BYTES)])
        content[start : start + rng.choice([0, length, len(piece)])] = piece
    return bytes(content)


def read_journal(path: Path) -> None:
    EventTail(path).new_events()
    job = JobFolder(path.parent)
    job.events(), job.claimed_by()


def packer(name: str) -> Callable[[bytes], bytes]:
    """Return a function that puts an entry into an archive with valid checksums, so that readers parse it."""

    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(VALID[name])) as valid, zipfile.ZipFile(buffer, "w") as archive:
            for entry in valid.namelist():
                archive.writestr(entry, content if entry.endswith(name) else valid.read(entry))
        return buffer.getvalue()

    return pack


def entry_of(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(VALID[name])) as valid:
        return next(valid.read(entry) for entry in valid.namelist() if entry.endswith(name))


VALID = {"faces.npy": npz_of(MESH), "latent.npy": LATENT, "data.pkl": CHECKPOINT}
PACKERS = {"array": packer("faces.npy"), "latent": packer("latent.npy"), "pickle": packer("data.pkl")}
KINDS: dict[str, tuple[str, bytes, Callable[[Path], object]]] = {
    "array": ("mesh.npz", entry_of("faces.npy"), load_geometry),
    "latent": ("latent.npz", entry_of("latent.npy"), lambda path: load_latent(path, 12)),
    "pickle": ("net.pt", entry_of("data.pkl"), read_contents),
    "request.json": ("request.json", REQUEST_FILE, lambda path: JobFolder(path.parent).read_request()),
    "events.jsonl": ("events.jsonl", "".join(event.to_json() + "\n" for event in EVENTS).encode(), read_journal),
    "claim.json": ("claim.json", json.dumps({"pid": 5, "parent": 4, "host": "a", "time": 1.5}).encode(), read_journal),
    "mesh.npz": ("mesh.npz", npz_of(MESH), load_geometry),
    "latent.npz": ("latent.npz", LATENT, lambda path: load_latent(path, 12)),
    "torch.save": ("net.pt", CHECKPOINT, read_contents),
    "safetensors": ("net.safetensors", save(TENSORS), read_contents),
    "PNG": ("a.png", image_of("PNG"), read_image),
    "JPEG": ("a.jpg", image_of("JPEG"), read_image),
    "WebP": ("a.webp", image_of("WEBP"), read_image),
}


def run_kind(name: str, cases: int, seed: int, folder: Path) -> tuple[int, int]:
    """Return (accepted, refused) counts of one kind."""
    file, valid, read = KINDS[name]
    rng, path, refused = random.Random(f"{name} {seed}"), folder / file, 0
    for _ in range(cases):
        content = PACKERS.get(name, bytes)(corrupted(valid, rng))
        path.write_bytes(content)
        try:
            read(path)
        except DOCUMENTED_ERRORS as error:
            assert type(error) in DOCUMENTED_ERRORS, (content, error)
            assert 0 < len(str(error)) < 1000, (content, error)
            assert "\n" not in str(error), (content, error)
            refused += 1
        except BaseException:
            print(f"{name}: {content!r}")
            raise
    return cases - refused, refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="of all kinds together (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, limited_memory():
        for name in options.kinds:
            read, refused = run_kind(name, options.cases // len(options.kinds), options.seed, Path(folder))
            print(f"{name:14} {read + refused:8} cases  {read:8} read  {refused:8} refused", flush=True)


if __name__ == "__main__":
    main()
