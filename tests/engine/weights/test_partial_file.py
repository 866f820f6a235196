# SPDX-License-Identifier: GPL-3.0-or-later
"""Partial files: their bytes reach the disk before the file gets its final name."""

import os

from blender_text3d.engine.weights.download.partial_file import PartialFile


def test_a_download_is_synced_to_disk_before_it_is_renamed(tmp_path, monkeypatch):
    calls, real_fsync, real_replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: calls.append("fsync") or real_fsync(descriptor))
    renaming = lambda *paths: calls.append("rename") or real_replace(*paths)  # noqa: E731
    monkeypatch.setattr("blender_text3d.system.files.replace_with_retry.__defaults__", (renaming,))
    part = PartialFile(tmp_path / "weights.pt")
    part.path.write_bytes(b"weights")
    part.commit(tmp_path / "weights.pt")
    assert calls == ["fsync", "rename"]
    assert (tmp_path / "weights.pt").read_bytes() == b"weights"
