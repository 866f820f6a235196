# SPDX-License-Identifier: GPL-3.0-or-later
"""Good files with bytes changed at random, read as we read them, as many as one likes. By hand; CI has test_fuzz.py.

    python -m tests.security.random_bytes --cases 100000 --seed 1

Prints a line for each kind: cases, how many were read all the same, how many refused. What is neither ends it with the
bytes that did it.
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
from tests.security.conftest import little_memory
from tests.security.npz_files import MESH, npz_of
from tests.security.test_fuzz import CHECKPOINT, EVENTS, LATENT, REQUEST_FILE, TENSORS, image_of, save

MOST_CHANGES = 8
LONGEST_PIECE = 12
OURS = (BadImage, WrongLatent, BrokenWeights, InvalidJob, ValueError)
TELLING = [
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


def changed(whole: bytes, luck: random.Random) -> bytes:
    content = bytearray(whole)
    for _ in range(luck.randint(1, MOST_CHANGES)):
        place, length = luck.randrange(len(content) + 1), luck.randrange(LONGEST_PIECE)
        piece = luck.choice([luck.randbytes(length), b"", content[place : place + length], luck.choice(TELLING)])
        content[place : place + luck.choice([0, length, len(piece)])] = piece
    return bytes(content)


def journal_read(path: Path) -> None:
    EventTail(path).new_events()
    job = JobFolder(path.parent)
    job.events(), job.claimed_by()


def packed(name: str) -> Callable[[bytes], bytes]:
    """Puts an entry into an archive whose checksums are right, so that what is in it is looked at."""

    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(GOOD[name])) as good, zipfile.ZipFile(buffer, "w") as archive:
            for entry in good.namelist():
                archive.writestr(entry, content if entry.endswith(name) else good.read(entry))
        return buffer.getvalue()

    return pack


def entry_of(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(GOOD[name])) as good:
        return next(good.read(entry) for entry in good.namelist() if entry.endswith(name))


GOOD = {"faces.npy": npz_of(MESH), "latent.npy": LATENT, "data.pkl": CHECKPOINT}
PACKS = {"an array": packed("faces.npy"), "a latent": packed("latent.npy"), "a pickle": packed("data.pkl")}
KINDS: dict[str, tuple[str, bytes, Callable[[Path], object]]] = {
    "an array": ("mesh.npz", entry_of("faces.npy"), load_geometry),
    "a latent": ("latent.npz", entry_of("latent.npy"), lambda path: load_latent(path, 12)),
    "a pickle": ("net.pt", entry_of("data.pkl"), read_contents),
    "request.json": ("request.json", REQUEST_FILE, lambda path: JobFolder(path.parent).read_request()),
    "events.jsonl": ("events.jsonl", "".join(event.to_json() + "\n" for event in EVENTS).encode(), journal_read),
    "claim.json": ("claim.json", json.dumps({"pid": 5, "parent": 4, "host": "a", "time": 1.5}).encode(), journal_read),
    "mesh.npz": ("mesh.npz", npz_of(MESH), load_geometry),
    "latent.npz": ("latent.npz", LATENT, lambda path: load_latent(path, 12)),
    "torch.save": ("net.pt", CHECKPOINT, read_contents),
    "safetensors": ("net.safetensors", save(TENSORS), read_contents),
    "PNG": ("a.png", image_of("PNG"), read_image),
    "JPEG": ("a.jpg", image_of("JPEG"), read_image),
    "WebP": ("a.webp", image_of("WEBP"), read_image),
}


def one_kind(name: str, cases: int, seed: int, folder: Path) -> tuple[int, int]:
    """How many were read and how many refused."""
    file, whole, read = KINDS[name]
    luck, path, refused = random.Random(f"{name} {seed}"), folder / file, 0
    for _ in range(cases):
        content = PACKS.get(name, bytes)(changed(whole, luck))
        path.write_bytes(content)
        try:
            read(path)
        except OURS as error:
            assert type(error) in OURS, (content, error)
            assert str(error) and "\n" not in str(error) and len(str(error)) < 1000, (content, error)
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
    with tempfile.TemporaryDirectory() as folder, little_memory():
        for name in options.kinds:
            read, refused = one_kind(name, options.cases // len(options.kinds), options.seed, Path(folder))
            print(f"{name:14} {read + refused:8} cases  {read:8} read  {refused:8} refused", flush=True)


if __name__ == "__main__":
    main()
