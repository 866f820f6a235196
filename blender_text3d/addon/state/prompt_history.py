# SPDX-License-Identifier: GPL-3.0-or-later
"""The last prompts with the user's stars, saved in the data folder for all sessions. No bpy."""

import contextlib
import json
import os
import time
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

from ...protocol.validation import MAX_PROMPT_LENGTH
from ...system.files import replace_with_retry
from ...system.lazy_dataclass import lazy_dataclass
from ...system.untrusted_files import read_json

FILE_NAME = "prompts.json"
UNREADABLE_SUFFIX = ".unreadable"
MAX_BYTES = 2**20
MAX_KEPT = 100


@lazy_dataclass(frozen=True)
class PastPrompt:
    """A prompt that was generated.

    Attributes:
        prompt: The prompt as it was typed.
        used_at: Unix time of its last use in seconds.
        is_starred: True if the user starred it; such prompts are dropped last.
    """

    prompt: str
    used_at: float = 0.0
    is_starred: bool = False

    def is_valid(self) -> bool:
        """True if the values are valid, since the file is untrusted."""
        is_prompt = isinstance(self.prompt, str) and 0 < len(self.prompt) <= MAX_PROMPT_LENGTH
        return is_prompt and type(self.used_at) in (int, float) and type(self.is_starred) is bool


def history(data_dir: Path) -> tuple[PastPrompt, ...]:
    """Return the prompts, last used first. The file is read again only if it has changed, so panels may call this."""
    path = data_dir / FILE_NAME
    try:
        status = path.stat()
    except OSError:
        return ()
    return _read_version(path, status.st_mtime_ns, status.st_size)


@lru_cache(4)
def _read_version(path: Path, mtime_ns: int, size: int) -> tuple[PastPrompt, ...]:
    return tuple(_read(path) or ())


def _read(path: Path) -> list[PastPrompt] | None:
    """Return the valid prompts of a file, or None if it is not a list of prompts."""
    try:
        found = [PastPrompt(**values) for values in read_json(path, MAX_BYTES)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError):
        return None
    return sorted((past for past in found if past.is_valid()), key=lambda past: -past.used_at)


def search(prompts: tuple[PastPrompt, ...], words: str) -> list[PastPrompt]:
    """Return the prompts that contain every word, starred ones first, otherwise in the same order."""
    wanted = words.casefold().split()
    found = [past for past in prompts if all(word in past.prompt.casefold() for word in wanted)]
    return sorted(found, key=lambda past: not past.is_starred)


def remember(data_dir: Path, prompt: str) -> None:
    """Put a prompt at the front."""
    prompt, known = prompt.strip(), _all(data_dir)
    is_starred = any(past.is_starred for past in known if past.prompt == prompt)
    others = [past for past in known if past.prompt != prompt]
    _write(data_dir, [PastPrompt(prompt, time.time(), is_starred), *others])


def set_star(data_dir: Path, prompt: str, is_starred: bool) -> None:
    """Star a prompt, or remove its star."""
    changed = [replace(past, is_starred=is_starred) if past.prompt == prompt else past for past in _all(data_dir)]
    _write(data_dir, changed)


def forget(data_dir: Path, prompt: str) -> None:
    """Remove a prompt."""
    _write(data_dir, [past for past in _all(data_dir) if past.prompt != prompt])


def _all(data_dir: Path) -> list[PastPrompt]:
    return _read(data_dir / FILE_NAME) or []


def _write(data_dir: Path, prompts: list[PastPrompt]) -> None:
    """Write the prompts; a file that cannot be read is renamed, not lost. Write errors are ignored: only a list."""
    path = data_dir / FILE_NAME
    newest_first = sorted((past for past in prompts if past.is_valid()), key=lambda past: -past.used_at)
    kept = sorted(newest_first, key=lambda past: not past.is_starred)[:MAX_KEPT]
    part = data_dir / f"{FILE_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True)
        if _read(path) is None:
            replace_with_retry(path, path.with_name(FILE_NAME + UNREADABLE_SUFFIX))
        part.write_text(json.dumps([asdict(past) for past in kept], indent=0), encoding="utf-8")
        replace_with_retry(part, path)
