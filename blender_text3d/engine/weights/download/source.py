# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that may have a checkpoint, in the order in which they are asked."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalogue import Checkpoint, CheckpointFile
from ..catalogue.addresses import HUB

HUB_VARIABLE = "HF_ENDPOINT"


@dataclass(frozen=True)
class Source:
    """One place that may have one form of a checkpoint.

    Attributes:
        form: what it would give.
        owner: how a message names it.
        url: its address, or "".
        file: its file, where it is a folder of the user's.
    """

    form: CheckpointFile
    owner: str
    url: str = ""
    file: Path | None = None

    @property
    def place(self) -> str:
        """The address or the path."""
        return self.url or str(self.file)


def sources(checkpoint: Checkpoint, mirror: str = "") -> Iterator[Source]:
    """Every source, the user's own mirror or folder before the public ones.

    Args:
        checkpoint: What is wanted.
        mirror: An http(s) address or a folder, with the files under it named as in our weights folder; "" for none.
    """
    for form in checkpoint.forms if mirror else ():
        yield _mirrored(form, mirror)
    for form in checkpoint.forms:
        for address in form.addresses:
            yield Source(form, address.owner, url=_through_endpoint(address.url))


def _mirrored(form: CheckpointFile, mirror: str) -> Source:
    if mirror.lower().startswith(("http://", "https://")):
        return Source(form, "your mirror", url=f"{mirror.rstrip('/')}/{form.path}")
    folder = Path(mirror).expanduser()
    nested = folder / form.path
    return Source(form, "your folder", file=nested if nested.exists() else folder / form.name)


def _through_endpoint(url: str) -> str:
    endpoint = os.environ.get(HUB_VARIABLE, "").rstrip("/")
    return url.replace(HUB, endpoint + "/", 1) if endpoint and url.startswith(HUB) else url
