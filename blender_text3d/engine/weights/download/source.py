# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that may have a checkpoint, in the order in which they are tried."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalogue import Checkpoint, CheckpointFile
from ..catalogue.addresses import HUB

HUB_VARIABLE = "HF_ENDPOINT"


@dataclass(frozen=True)
class Source:
    """A place that may have one variant of a checkpoint.

    Attributes:
        variant: the variant.
        owner: name of the place in messages.
        url: its URL, or "".
        file: its file, if it is a local folder.
    """

    variant: CheckpointFile
    owner: str
    url: str = ""
    file: Path | None = None

    @property
    def origin(self) -> str:
        """The URL or the path."""
        return self.url or str(self.file)


def sources(checkpoint: Checkpoint, mirror: str = "") -> Iterator[Source]:
    """Yield every source; the user's own mirror or folder comes before the public ones.

    Args:
        checkpoint: The checkpoint to fetch.
        mirror: An http(s) URL or a folder with the same relative paths as the weights folder; "" for none.
    """
    for variant in checkpoint.variants if mirror else ():
        yield _mirror_source(variant, mirror)
    for variant in checkpoint.variants:
        for address in variant.addresses:
            yield Source(variant, address.owner, url=with_hub_endpoint(address.url))


def _mirror_source(variant: CheckpointFile, mirror: str) -> Source:
    if mirror.lower().startswith(("http://", "https://")):
        return Source(variant, "your mirror", url=f"{mirror.rstrip('/')}/{variant.path}")
    folder = Path(mirror).expanduser()
    nested = folder / variant.path
    return Source(variant, "your folder", file=nested if nested.exists() else folder / variant.name)


def with_hub_endpoint(url: str) -> str:
    """Return an address at the hub's mirror that HF_ENDPOINT names, if it does."""
    endpoint = os.environ.get(HUB_VARIABLE, "").rstrip("/")
    return url.replace(HUB, endpoint + "/", 1) if endpoint and url.startswith(HUB) else url
