# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the pipeline that a request names: a folder of the user, or a pipeline of the hub downloaded before."""

import hashlib
import os
from pathlib import Path

from ...system.hub_names import PREFIX, hub_folder, is_downloaded, is_hub_name
from ...system.user_folders import default_weights_dir
from ..weights.hub.fetch import pipeline_sha256
from .diffusers_folder import BadPipeline, SavedPipeline

SAMPLED_BYTES = 2**20


class NotDownloaded(Exception):
    """A pipeline of the hub is not on this machine; the message has its name."""


def pipeline_folder(source: str) -> Path:
    """Return the folder of a source; nothing is downloaded.

    Args:
        source: A folder, or a hub name.

    Raises:
        NotDownloaded: It is a hub name that was not downloaded.
        BadPipeline: It is neither.
    """
    name = source.removeprefix(PREFIX)
    if not is_hub_name(name):
        folder = Path(source).expanduser()
        if not folder.is_absolute():
            raise BadPipeline(f'"{source}" is neither a complete path nor a hub name. Choose the folder of a pipeline.')
        return folder
    if not is_downloaded(name, default_weights_dir()):
        raise NotDownloaded(
            f"The pipeline {name} is not on this machine; python scripts/weights.py fetch {PREFIX}{name} shows its "
            "license."
        )
    return hub_folder(name, default_weights_dir())


def weights_fingerprint(saved: SavedPipeline) -> str:
    """Return a hash that tells a pipeline's weights from others.

    It is the hub's hashes for a downloaded pipeline. For a folder of the user it is made of names and sizes, and of the
    beginning and the end of each file, since reading tens of gigabytes takes longer than a picture.
    """
    if known := pipeline_sha256(saved.folder):
        return known
    digest = hashlib.sha256(saved.class_name.encode())
    for name in sorted(saved.components):
        for path in sorted((saved.folder / name).glob("*.safetensors")):
            size = path.stat().st_size
            digest.update(f"{name}/{path.name} {size}\n".encode())
            with path.open("rb") as file:
                digest.update(file.read(SAMPLED_BYTES))
                file.seek(max(0, size - SAMPLED_BYTES), os.SEEK_SET)
                digest.update(file.read(SAMPLED_BYTES))
    return digest.hexdigest()
