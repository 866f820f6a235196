# SPDX-License-Identifier: GPL-3.0-or-later
"""weights.json of an output folder: the weights that made its objects, so that a machine with others reports it."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..protocol.request import Request
from ..system.file_lock import FileLock
from ..system.files import replace_content
from ..system.untrusted_files import read_json
from .drive_lock import acquired
from .manifest import LOCK_NAME
from .orders import ChunkOrder
from .weights_identity import weights_identity

NAME = "weights.json"
MAX_BYTES = 2**20
LOCK_TIMEOUT_S = 10.0


def notice_of_weights(out: Path, orders: Iterable[ChunkOrder]) -> str:
    """Record the weights of the models that a chunk asks for; returns a sentence if others made objects before, or "".

    A record that cannot be written is no reason to make nothing.
    """
    requests: dict[tuple[str, bool], Request] = {}
    for order in orders:
        requests.setdefault((order.request.model, bool(order.request.image)), order.request)
    found = {key_of(request): weights_identity(request) for request in requests.values()}
    known = read_record(out / NAME)
    if any(value not in known.get(key, []) for key, value in found.items()):
        with suppress(OSError), FileLock(out / ".work" / LOCK_NAME) as lock:
            acquired(lock, LOCK_TIMEOUT_S)
            known = read_record(out / NAME)
            merged = known | {key: sorted({*known.get(key, []), value}) for key, value in found.items()}
            replace_content(out / NAME, json.dumps(merged, indent=1).encode())
    others = sorted({key.partition(" ")[0] for key, value in found.items() if set(known.get(key, [])) - {value}})
    if not others:
        return ""
    return (
        f"Objects in {out} were made with other weights of {', '.join(others)} than this machine has. Their IDs "
        "differ, so this machine makes its own. To use the same weights for all, stop, and install those weights here."
    )


def key_of(request: Request) -> str:
    """Return the name of a model; its weights differ with an image."""
    return f"{request.model} with image" if request.image else request.model


def read_record(path: Path) -> dict[str, list[str]]:
    """Return the weights that made objects, by model; {} without a record that can be read."""
    with suppress(OSError, ValueError):
        values = read_json(path, MAX_BYTES)
        if isinstance(values, dict) and all(isinstance(hashes, list) for hashes in values.values()):
            return {str(key): [str(value) for value in hashes] for key, hashes in values.items()}
    return {}
