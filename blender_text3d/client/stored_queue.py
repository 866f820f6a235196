# SPDX-License-Identifier: GPL-3.0-or-later
"""StoredQueue: the order of a session's waiting jobs, and its pause, in a file that the next session reads.

The jobs themselves are found by their folders, so a lost or broken file costs their order only. Every process has a
file of its own: two Blenders with one jobs folder do not overwrite each other's order.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ..protocol.claim import Claim, own_claim, parse_claim
from ..system.files import atomic_write
from ..system.lazy_dataclass import lazy_dataclass
from ..system.process import is_alive
from ..system.untrusted_files import read_json

PREFIX, SUFFIX = ".queue-", ".json"
MAX_BYTES = 2**20
MAX_FILES = 50
MAX_JOBS = 10_000

Item = TypeVar("Item")


@lazy_dataclass(frozen=True)
class StoredQueue:
    """The queue of one session.

    Attributes:
        path: The file.
        order: IDs of the waiting jobs, the next one first.
        is_paused: True if the queue was paused.
    """

    path: Path
    order: tuple[str, ...]
    is_paused: bool


def store_queue(jobs_dir: Path, order: Sequence[str], *, is_paused: bool) -> None:
    """Store the queue of this process. Of more than MAX_JOBS jobs, the order of the last ones is not stored.

    Raises:
        OSError: The jobs folder cannot be written.
    """
    content = {"owner": own_claim()._asdict(), "is_paused": is_paused, "order": list(order[:MAX_JOBS])}
    jobs_dir.mkdir(parents=True, exist_ok=True)
    with atomic_write(own_path(jobs_dir)) as file:
        file.write(json.dumps(content).encode())


def own_path(jobs_dir: Path) -> Path:
    """Return the file of this process, which no other process of any machine shares."""
    owner = own_claim()
    identity = f"{owner.machine or owner.host} {owner.pid} {owner.started}"
    return jobs_dir / f"{PREFIX}{hashlib.sha256(identity.encode()).hexdigest()[:16]}{SUFFIX}"


def queue_files(jobs_dir: Path, names: Iterable[str]) -> list[Path]:
    """Return the files of queues among the names in a jobs folder, at most MAX_FILES."""
    found = sorted(name for name in names if name.startswith(PREFIX) and name.endswith(SUFFIX))
    return [jobs_dir / name for name in found[:MAX_FILES]]


def read_queue(path: Path) -> StoredQueue | None:
    """Return the queue that a session left in a file, or None if it is invalid, or the session may be alive.

    A file of this process counts as left: the add-on may have been disabled and enabled again.
    """
    try:
        content = read_json(path, MAX_BYTES, follow_links=False)
        owner, order, is_paused = parse_claim(content["owner"]), content["order"], content["is_paused"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order) or not is_left(owner):
        return None
    return StoredQueue(path, tuple(order[:MAX_JOBS]), is_paused is True)


def is_left(owner: Claim) -> bool:
    """True if the process is this one, or one of this machine that is gone."""
    return owner.is_on_this_machine() and (owner.is_own_process() or not is_alive(owner.pid, owner.started))


def remove_queues(queues: Iterable[StoredQueue]) -> None:
    """Remove the files of queues whose jobs have another session now, or none."""
    for queue in queues:
        with suppress(OSError):
            queue.path.unlink()


def in_order(items: Sequence[Item], order: Sequence[str], name: Callable[[Item], str]) -> list[Item]:
    """Return items with those that an order names in that order, in the places that they had among the others."""
    rank = {each: place for place, each in reversed(list(enumerate(order)))}
    places = [place for place, item in enumerate(items) if name(item) in rank]
    named = sorted((items[place] for place in places), key=lambda item: rank[name(item)])
    ordered = list(items)
    for place, item in zip(places, named, strict=True):
        ordered[place] = item
    return ordered
