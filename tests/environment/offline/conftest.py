# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib

import pytest

from blender_text3d.environment.offline.kit import Kit, KitFile, system_name, write_manifest
from blender_text3d.environment.requirements import Packages

PACKAGES = Packages(("a==1",), ("a",), 1.0, ("3.11", "3.12"), accepted_sha256=("f" * 64,))


@pytest.fixture
def kit(tmp_path) -> Kit:
    """A valid kit of two files, written to disk."""
    folder = tmp_path / "kit"
    contents = {"wheels/torch-2.1-x.whl": b"torch", "weights/net.pt": b"some weights"}
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(content)
    files = tuple(KitFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in contents.items())
    kit = Kit(folder, "3.11", system_name(), "2.1+cpu", PACKAGES.sha256, files)
    write_manifest(kit)
    return kit
