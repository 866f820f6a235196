# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the official models, and transfers: plain values, updated by a child process. No bpy."""

from dataclasses import field
from typing import Any

from ...system.lazy_dataclass import lazy_dataclass


@lazy_dataclass(frozen=True)
class WeightFile:
    """One checkpoint, as listed by the weights command.

    Attributes:
        size_bytes: Size of the file; an estimate if it is not on this machine.
        received_bytes: Size of a partial download.
        folder: The weights folder.
        path: Path of the file; "" if it is not on this machine.
        models: Names of the models that need it.
    """

    name: str
    about: str
    size_bytes: int
    received_bytes: int
    folder: str
    path: str
    models: tuple[str, ...]
    license: str
    card: str
    warning: str


def parse_weight_file(facts: dict[str, Any]) -> WeightFile:
    """Return the file of a line of `weights --json list`.

    Raises:
        KeyError: The line has another form.
    """
    return WeightFile(
        name=facts["name"],
        about=facts["about"],
        size_bytes=facts["bytes"],
        received_bytes=facts["received_bytes"],
        folder=facts["folder"],
        path=facts["file"] or "",
        models=tuple(facts["needed_by"]),
        license=facts["licence"],
        card=facts["card"],
        warning=facts["warning"],
    )


@lazy_dataclass
class Transfer:
    """A download, an import or a removal.

    Attributes:
        verb: Text for the panel, such as "Downloading".
        model: The model of the files; "" for those of several models.
        total_bytes: Expected size by checkpoint name.
        done_bytes: Received size by checkpoint name.
        stage: stage of the current file, as in engine/weights/progress.py.
        failures: Error messages.
        refusals: Error messages of single sources, for an end without another message.
        notices: Messages for the user.
    """

    verb: str
    model: str = ""
    total_bytes: dict[str, int] = field(default_factory=dict)
    done_bytes: dict[str, int] = field(default_factory=dict)
    stage: str = "connect"
    name: str = ""
    message: str = ""
    bytes_per_s: float = 0.0
    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Received share of the bytes, 0 to 1."""
        total = sum(self.total_bytes.values())
        return min(1.0, sum(self.done_bytes.values()) / total) if total else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds at the current rate, or None if unknown."""
        if self.bytes_per_s <= 0 or not self.total_bytes:
            return None
        return max(0, sum(self.total_bytes.values()) - sum(self.done_bytes.values())) / self.bytes_per_s

    @property
    def error_text(self) -> str:
        """All error messages once each, without those that another one contains."""
        messages = list(dict.fromkeys(self.failures + self.refusals))
        return " ".join(
            one for one in messages if not any(one.rstrip(".") in other for other in messages if other != one)
        )

    def update(self, line: dict[str, Any]) -> None:
        """Update by one line of the child's output."""
        stage, message = str(line.get("stage", "")), str(line.get("message", ""))
        if stage in MESSAGE_LISTS:
            getattr(self, MESSAGE_LISTS[stage]).append(message)
            return
        self.stage, self.name, self.message = stage, str(line.get("checkpoint", "")), message
        self.bytes_per_s = line.get("bytes_per_s", 0.0) if stage in ("download", "copy") else 0.0
        if self.name and stage not in ("connect", "verify"):
            self.done_bytes[self.name] = line.get("done_bytes", 0)
            if line.get("of_bytes"):
                self.total_bytes[self.name] = line["of_bytes"]


MESSAGE_LISTS = {"failed": "failures", "refused": "refusals", "notice": "notices"}


def format_bytes(count: float) -> str:
    """Return a size as text."""
    if count < 1e6:
        return f"{count / 1e3:,.0f} kB"
    return f"{count / 1e6:,.0f} MB" if count < 1e9 else f"{count / 1e9:,.2f} GB"
