# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line prints: for people a table and a moving line, for programs JSON lines."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from .catalogue import Checkpoint, models_of
from .errors import plain
from .progress import News
from .remove import received_bytes
from .store.local_files import LocalCheckpoint

MAX_MODELS = 2
MOVING = {"download", "copy", "verify", "wait"}


class Console:
    """Prints on stdout; failures of people's runs on stderr."""

    def __init__(self, *, as_json: bool):
        self._as_json = as_json
        self._is_terminal = sys.stdout.isatty()
        self._line_is_open = False

    def say(self, news: News) -> None:
        """One piece of news; moving numbers are shown on a terminal only."""
        if self._as_json:
            self._print(news.to_json())
        elif news.stage not in MOVING:
            self._print(plain(f"{news.checkpoint}: {news.message}" if news.message else news.checkpoint))
        elif self._is_terminal:
            sys.stdout.write(f"\r{plain(moving_line(news)):78.78}")
            sys.stdout.flush()
            self._line_is_open = True

    def fail(self, message: str) -> None:
        """A failure, as the last word."""
        if self._as_json:
            self._print(News("failed", "", message).to_json())
        else:
            self._end_line()
            sys.stderr.write(plain(message) + "\n")

    def where(self, folder: Path) -> None:
        """The weights folder."""
        self._print(json.dumps({"folder": str(folder)}) if self._as_json else str(folder))

    def introduce(self, checkpoint: Checkpoint) -> None:
        """What the user should know before a download begins."""
        if not self._as_json:
            self._print(f"{checkpoint.name} ({checkpoint.licence}, {checkpoint.card}): {checkpoint.warning}")

    def table(self, rows: list[tuple[Checkpoint, LocalCheckpoint | None]], weights_dir: Path) -> None:
        """Checkpoints, a line each."""
        for checkpoint, held in rows:
            self._print(
                json.dumps(facts(checkpoint, held, weights_dir)) if self._as_json else table_line(checkpoint, held)
            )

    def _print(self, line: str) -> None:
        self._end_line()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def _end_line(self) -> None:
        if self._line_is_open:
            sys.stdout.write("\n")
        self._line_is_open = False


def moving_line(news: News) -> str:
    """Progress in a line: how much of how much, how fast, how long still."""
    amount = f"{news.done_bytes / 1e6:,.0f}" + (f" of {news.of_bytes / 1e6:,.0f}" if news.of_bytes else "") + " MB"
    speed = f", {news.bytes_per_s / 1e6:.1f} MB/s" if news.bytes_per_s else ""
    left = "" if news.left_s is None else f", {news.left_s // 60:.0f}:{news.left_s % 60:02.0f} left"
    return f"{news.checkpoint} {news.stage}: {news.message or amount + speed + left}"


def table_line(checkpoint: Checkpoint, held: LocalCheckpoint | None) -> str:
    """A checkpoint in a line of a table."""
    state = "not here" if held is None else "verified" if held.sha256 else "not verified"
    size = held.size if held else checkpoint.forms[0].about_bytes
    models = models_of(checkpoint.name)
    needed = " and ".join(models) if len(models) <= MAX_MODELS else f"{len(models)} models"
    return f"{checkpoint.name:26} {size / 1e6:7,.0f} MB  {state:12}  {checkpoint.about:36}  for {needed}"


def facts(checkpoint: Checkpoint, held: LocalCheckpoint | None, weights_dir: Path) -> dict:
    """A checkpoint as a JSON object.

    "file" is null if it is not on this machine; "received_bytes" is the size of an unfinished download, written as
    "come_bytes" too, its name up to 0.1.0.
    """
    received = 0 if held else received_bytes(checkpoint, weights_dir)
    return {
        "name": checkpoint.name,
        "about": checkpoint.about,
        "bytes": held.size if held else checkpoint.forms[0].about_bytes,
        "received_bytes": received,
        "come_bytes": received,
        "folder": str(weights_dir),
        "file": str(held.path) if held else None,
        "sha256": held.sha256 if held else "",
        "needed_by": models_of(checkpoint.name),
        "licence": checkpoint.licence,
        "card": checkpoint.card,
        "warning": checkpoint.warning,
        "sources": [asdict(address) for form in checkpoint.forms for address in form.addresses],
    }
