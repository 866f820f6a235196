# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of the weights' command line: a table and a progress line for users, JSON lines for programs."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from .catalogue import Checkpoint, models_using
from .errors import printable
from .hub.card import HubCard
from .progress import ProgressUpdate
from .remove import received_bytes
from .store.local_files import LocalCheckpoint

MAX_MODELS_LISTED = 2
PROGRESS_STAGES = {"download", "copy", "verify", "wait"}


class Console:
    """Prints to stdout; errors go to stderr, or to stdout as JSON."""

    def __init__(self, *, as_json: bool):
        self._as_json = as_json
        self._is_terminal = sys.stdout.isatty()
        self._line_is_open = False

    def show(self, update: ProgressUpdate) -> None:
        """Print an update; progress is shown only in a terminal and in JSON."""
        if self._as_json:
            self._print(update.to_json())
        elif update.stage not in PROGRESS_STAGES:
            self._print(printable(f"{update.checkpoint}: {update.message}" if update.message else update.checkpoint))
        elif self._is_terminal:
            sys.stdout.write(f"\r{printable(progress_line(update)):78.78}")
            sys.stdout.flush()
            self._line_is_open = True

    def show_error(self, message: str) -> None:
        """Print the error that ends a command or one of its checkpoints."""
        if self._as_json:
            self._print(ProgressUpdate("failed", "", message).to_json())
        else:
            self._end_line()
            sys.stderr.write(printable(message) + "\n")

    def show_folder(self, folder: Path) -> None:
        """Print the weights folder."""
        self._print(json.dumps({"folder": str(folder)}) if self._as_json else str(folder))

    def show_model_card(self, checkpoint: Checkpoint) -> None:
        """Print the license and warning of a checkpoint before it is downloaded."""
        if not self._as_json:
            self._print(f"{checkpoint.name} ({checkpoint.license}, {checkpoint.card}): {checkpoint.warning}")

    def show_hub_card(self, card: HubCard) -> None:
        """Print the license and the size of a pipeline before it is downloaded."""
        facts = {"name": card.name, "license": card.license, "class_name": card.class_name, "bytes": card.size}
        if self._as_json:
            self._print(json.dumps({"stage": "card", "page": card.page, "revision": card.revision, **facts}))
        else:
            text = f"{card.name}: {card.class_name}, license {card.license}, {card.size / 1e9:.2f} GB, {card.page}"
            self._print(printable(text))

    def show_table(self, rows: list[tuple[Checkpoint, LocalCheckpoint | None]], weights_dir: Path) -> None:
        """Print one line per checkpoint."""
        for checkpoint, local in rows:
            self._print(
                json.dumps(checkpoint_json(checkpoint, local, weights_dir))
                if self._as_json
                else table_row(checkpoint, local)
            )

    def _print(self, line: str) -> None:
        self._end_line()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def _end_line(self) -> None:
        if self._line_is_open:
            sys.stdout.write("\n")
        self._line_is_open = False


def progress_line(update: ProgressUpdate) -> str:
    """Return progress on one line: bytes of total, rate, time left."""
    total = f" of {update.of_bytes / 1e6:,.0f}" if update.of_bytes else ""
    amount = f"{update.done_bytes / 1e6:,.0f}{total} MB"
    rate = f", {update.bytes_per_s / 1e6:.1f} MB/s" if update.bytes_per_s else ""
    left = "" if update.left_s is None else f", {update.left_s // 60:.0f}:{update.left_s % 60:02.0f} left"
    return f"{update.checkpoint} {update.stage}: {update.message or amount + rate + left}"


def table_row(checkpoint: Checkpoint, local: LocalCheckpoint | None) -> str:
    """Return a checkpoint's line in the table."""
    state = "missing" if local is None else "verified" if local.sha256 else "not verified"
    size = local.size if local else checkpoint.variants[0].expected_bytes
    models = models_using(checkpoint.name)
    used_by = " and ".join(models) if len(models) <= MAX_MODELS_LISTED else f"{len(models)} models"
    return f"{checkpoint.name:26} {size / 1e6:7,.0f} MB  {state:12}  {checkpoint.about:39}  for {used_by}"


def checkpoint_json(checkpoint: Checkpoint, local: LocalCheckpoint | None, weights_dir: Path) -> dict:
    """Return a checkpoint as a JSON object.

    "file" is null if it is not on this machine; "received_bytes" is the size of an unfinished download. The names up
    to version 0.1.0 are written too: "come_bytes" and "licence".
    """
    received = 0 if local else received_bytes(checkpoint, weights_dir)
    return {
        "name": checkpoint.name,
        "about": checkpoint.about,
        "bytes": local.size if local else checkpoint.variants[0].expected_bytes,
        "received_bytes": received,
        "come_bytes": received,
        "folder": str(weights_dir),
        "file": str(local.path) if local else None,
        "sha256": local.sha256 if local else "",
        "needed_by": models_using(checkpoint.name),
        "license": checkpoint.license,
        "licence": checkpoint.license,
        "card": checkpoint.card,
        "warning": checkpoint.warning,
        "sources": [asdict(address) for variant in checkpoint.variants for address in variant.addresses],
    }
