# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the official models' files, here and under way: plain values, fed by a child. No bpy."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class WeightFile:
    """One checkpoint, as the weights' command line lists it.

    Attributes:
        size_bytes: Of the file; about, where it is not here.
        received_bytes: What an interrupted download left of it.
        folder: The weights folder.
        path: "" where it is not here.
        models: Which need it.
    """

    name: str
    about: str
    size_bytes: int
    received_bytes: int
    folder: str
    path: str
    models: tuple[str, ...]
    licence: str
    card: str
    warning: str


def parse_weight_file(facts: dict[str, Any]) -> WeightFile:
    """A line of `weights --json list`.

    Raises:
        KeyError: It is none.
    """
    return WeightFile(
        name=facts["name"],
        about=facts["about"],
        size_bytes=facts["bytes"],
        received_bytes=facts["received_bytes"],
        folder=facts["folder"],
        path=facts["file"] or "",
        models=tuple(facts["needed_by"]),
        licence=facts["licence"],
        card=facts["card"],
        warning=facts["warning"],
    )


@dataclass
class Transfer:
    """A fetch, an import or a removal, from the click to its last word.

    Attributes:
        verb: For the panel: "Fetching" …
        model: Whose files these are; "" where they are several models'.
        total_bytes: Size by name, of all that is to come.
        done_bytes: How much is here, by name.
        stage: Of the file at work, as in engine/weights/news.py.
        failures: The sentences of what went wrong.
        refusals: What single sources said, in case nothing else explains an end.
        notices: Sentences for the user.
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
        """0 to 1, of the bytes."""
        of_bytes = sum(self.total_bytes.values())
        return min(1.0, sum(self.done_bytes.values()) / of_bytes) if of_bytes else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds, at the present speed; None where that cannot be said."""
        if self.bytes_per_s <= 0 or not self.total_bytes:
            return None
        return max(0, sum(self.total_bytes.values()) - sum(self.done_bytes.values())) / self.bytes_per_s

    @property
    def error_text(self) -> str:
        """All sentences of what went wrong, once each; those that another one holds already are left out."""
        said = list(dict.fromkeys(self.failures + self.refusals))
        return " ".join(one for one in said if not any(one.rstrip(".") in other for other in said if other != one))

    def update(self, news: dict[str, Any]) -> None:
        """Take in one line of the child."""
        stage, message = str(news.get("stage", "")), str(news.get("message", ""))
        if stage in MESSAGE_LISTS:
            getattr(self, MESSAGE_LISTS[stage]).append(message)
            return
        self.stage, self.name, self.message = stage, str(news.get("checkpoint", "")), message
        self.bytes_per_s = news.get("bytes_per_s", 0.0) if stage in ("download", "copy") else 0.0
        if self.name and stage not in ("connect", "verify"):
            self.done_bytes[self.name] = news.get("done_bytes", 0)
            if news.get("of_bytes"):
                self.total_bytes[self.name] = news["of_bytes"]


MESSAGE_LISTS = {"failed": "failures", "refused": "refusals", "notice": "notices"}


def format_bytes(count: float) -> str:
    """A size as people say it."""
    if count < 1e6:
        return f"{count / 1e3:,.0f} kB"
    return f"{count / 1e6:,.0f} MB" if count < 1e9 else f"{count / 1e9:,.2f} GB"
