# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice between folders and shards."""

from .flags import DEFAULT_SHARD_SIZE
from .object_store import ObjectStore

MAX_FOLDERS = 10_000
"""Objects of a run without shards: a file system has a limit of files, and tools list a folder of so many slowly."""


def shard_size_of(wanted: int | None, orders: int, store: ObjectStore) -> int:
    """Return the number of objects per shard, or 0 for folders: up to MAX_FOLDERS unless another number is wanted."""
    if wanted is not None:
        return wanted
    packed = len(store.shards.ids())
    return DEFAULT_SHARD_SIZE if packed or orders > MAX_FOLDERS else 0
