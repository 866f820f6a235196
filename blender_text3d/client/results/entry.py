# SPDX-License-Identifier: GPL-3.0-or-later
"""ResultEntry: what the index knows of one job folder, read from the start of few and small files.

Job folders are untrusted: a folder whose request is not as this version writes it has no entry.
"""

import hashlib
import json
import os
import stat
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple

from ...protocol.events import TERMINAL, Finished, event_from_json
from ...protocol.job_folder import JobFolder
from ...protocol.journal import last_lines
from ...protocol.models import STEPS, VIEW
from ...protocol.request import SEEDS, STORED_DEFAULTS
from ...protocol.stored_names import from_stored
from ...protocol.validation import clean_prompt
from ...system.lazy_dataclass import lazy_dataclass
from ...system.untrusted_files import is_plain_name, read_json
from .marks import REJECTED, STARRED, is_marked

MAX_REQUEST_BYTES = 2**16
"""Many times the size of a request; a larger one would take too long to parse in Blender."""
MAX_MODEL_LENGTH = 100
MAX_TIME_S = 2**33
UNGROUPED = ("seed", "variation_seed", "viewer", "device", "comparison", "keep_steps", "image", "latent", "object")
"""Settings in which jobs of one group may differ; the files of the last three are compared instead of their names."""


class FileVersion(NamedTuple):
    """One content of a file: time of the change in nanoseconds, size in bytes, and inode."""

    time_ns: int
    size: int
    inode: int


@lazy_dataclass(frozen=True)
class StoredRequest:
    """The content of request.json, which is never rewritten.

    Attributes:
        prompt: One line of text.
        model: Name of the model, which may be unknown to this version.
        seed: Seed of the noise.
        variation_seed: Seed of the noise that is blended in; -1 without one.
        created: Unix time in seconds; 0 if unknown.
        group: Equal for jobs that differ in their seeds only.
    """

    prompt: str
    model: str
    seed: int
    variation_seed: int
    created: float
    group: str


@lazy_dataclass(frozen=True)
class ResultEntry:
    """A job folder at one moment.

    Attributes:
        folder: The job folder.
        request: What was asked.
        end: Kind of the terminal event; "" without one.
        files: Files of a finished job by kind, such as "mesh".
        is_starred: True if the user marked it as good.
        is_rejected: True if the user marked it as bad.
        thumbnail: Version of thumbnail.png, as of `file_version`; None without one.
    """

    folder: JobFolder
    request: StoredRequest
    end: str = ""
    files: dict[str, str] = field(default_factory=dict)
    is_starred: bool = False
    is_rejected: bool = False
    thumbnail: FileVersion | None = None

    @property
    def job_id(self) -> str:
        """Name of the job folder."""
        return self.folder.job_id


def read_entry(folder: JobFolder, known: ResultEntry | None = None) -> ResultEntry | None:
    """Read a job folder, or return None if it is no valid one.

    Args:
        folder: The folder.
        known: An earlier entry of it; what cannot have changed since is not read again.
    """
    request = known.request if known else stored_request(folder)
    if request is None or not is_own_folder(folder.path):
        return None
    end, files = (known.end, known.files) if known and known.end else stored_end(folder)
    is_starred = is_marked(folder, STARRED)
    is_rejected = is_marked(folder, REJECTED) and not is_starred
    return ResultEntry(folder, request, end, files, is_starred, is_rejected, file_version(folder.thumbnail))


def packed(entry: ResultEntry) -> str:
    """Return an entry without its folder as JSON.

    Python's garbage collector does not follow texts. With the objects of ten thousand entries one of its passes would
    take longer than a tick.
    """
    request = entry.request
    asked = (request.prompt, request.model, request.seed, request.variation_seed, request.created, request.group)
    return json.dumps([asked, entry.end, entry.files, entry.is_starred, entry.is_rejected, entry.thumbnail])


def unpacked(folder: JobFolder, content: str) -> ResultEntry:
    """Return the entry that was packed."""
    asked, end, files, is_starred, is_rejected, thumbnail = json.loads(content)
    version = FileVersion(*thumbnail) if thumbnail else None
    return ResultEntry(folder, StoredRequest(*asked), end, files, is_starred, is_rejected, version)


def is_own_folder(path: Path) -> bool:
    """True if the path is a folder with a plain name, and not a link to one."""
    try:
        path.name.encode()
        return is_plain_name(path.name) and stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):  # such as a name in no known encoding, which Blender cannot hold
        return False


def stored_request(folder: JobFolder) -> StoredRequest | None:
    """Return what request.json says, or None if it is missing, incomplete or invalid, or without an object.

    Drafts of Live have none that is kept, and jobs that only make views or decode steps.
    """
    if folder.is_draft():
        return None
    try:
        content = read_json(folder.request, MAX_REQUEST_BYTES, follow_links=False)
        values = from_stored(content["request"])
        if values.get("outputs") in (VIEW, STEPS):
            return None
        prompt, model, seed, created = values["prompt"], values["model"], values["seed"], content.get("created")
        if prompt != clean_prompt(prompt) or not isinstance(model, str) or type(seed) is not int:
            return None
        if not 0 <= seed < SEEDS or len(model) > MAX_MODEL_LENGTH:
            return None
        is_time = isinstance(created, int | float) and 0 <= created < MAX_TIME_S
        created = float(created) if is_time else 0.0
        return StoredRequest(prompt, model, seed, variation_seed_of(values), created, group_of(folder, values))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def variation_seed_of(values: dict[str, Any]) -> int:
    """Return the seed of the noise that is blended in, or -1 without one."""
    seed, strength = values.get("variation_seed"), values.get("variation_strength")
    return seed if strength and type(seed) is int and 0 <= seed < SEEDS else -1


def group_of(folder: JobFolder, values: dict[str, Any]) -> str:
    """Return a text that is equal for jobs that differ in their seeds only.

    A setting that a request of an older version lacks has its default. Copies of an input image have the same name in
    all folders, so their sizes are compared.
    """
    defaults = {name: value for name, value in STORED_DEFAULTS.items() if value is not None}
    compared = {name: value for name, value in (defaults | values).items() if name not in UNGROUPED}
    for name in ("image", "latent", "object"):
        if is_plain_name(values.get(name)):
            version = file_version(folder.path / values[name])
            compared[name] = version.size if version else 0
    return hashlib.blake2b(json.dumps(compared, sort_keys=True).encode(), digest_size=16).hexdigest()


def stored_end(folder: JobFolder) -> tuple[str, dict[str, str]]:
    """Return the kind of the terminal event and the files of a finished job; "" and no files without one.

    It is the last line, so only the end of the journal is read, and a job that has ended costs one line.
    """
    try:
        lines = last_lines(folder.journal)
    except (OSError, ValueError):
        return "", {}
    for line in lines:
        event = event_from_json(line)
        if isinstance(event, TERMINAL):
            return event.kind, event.files if isinstance(event, Finished) else {}
    return "", {}


def file_version(path: Path) -> FileVersion | None:
    """Return what tells one content of a regular file from another, or None without a file.

    A file that is replaced within a tick of the file system's clock has another inode.
    """
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    is_file = stat.S_ISREG(status.st_mode)
    return FileVersion(status.st_mtime_ns, status.st_size, status.st_ino) if is_file else None
