# SPDX-License-Identifier: GPL-3.0-or-later
"""Free space, a writable jobs folder, and the disk that it is on."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import disk
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.environment.requirements import WORKER


def only(findings) -> Finding:
    (finding,) = findings
    return finding


@pytest.fixture
def free(monkeypatch):
    """The free space of the disks, 3 GB; the folders that were asked about."""
    free = SimpleNamespace(bytes=3_000_000_000, folders=[])
    monkeypatch.setattr(
        disk.shutil, "disk_usage", lambda folder: free.folders.append(folder) or SimpleNamespace(free=free.bytes)
    )
    return free


@pytest.mark.parametrize(("needed_gb", "state"), [(3.0, GOOD), (3.1, BAD), (0.5, GOOD)])
def test_exactly_the_needed_space_is_enough(needed_gb, state, bare, free):
    assert list(disk.free_space(bare, needed_gb)) == [
        Finding("disk", "Disk", state, f"3.0 GB free for {bare.data_dir}", f"{needed_gb:.0f} GB",
                "Free some space, or choose another data folder in the preferences.", "jobs")
    ]  # fmt: skip
    assert free.folders == [bare.data_dir.parent]


def test_the_environment_counts_only_if_it_is_missing_and_needed(bare, free, monkeypatch):
    assert only(disk.free_space(bare)).wanted == f"{WORKER.needed_gb:.0f} GB"
    assert only(disk.free_space(replace(bare, own_python=Path("/p")))).wanted == "1 GB"
    monkeypatch.setattr(disk, "find_problems", lambda env_dir: [])
    assert only(disk.free_space(bare)).wanted == "1 GB"
    free.bytes = 999_000_000
    assert only(disk.free_space(bare)).state == BAD


def test_the_nearest_folder_that_exists_is_a_parent_or_the_folder_itself(tmp_path):
    assert disk.nearest_existing(tmp_path) == tmp_path
    assert disk.nearest_existing(tmp_path / "a" / "b") == tmp_path


def test_a_file_is_written_synced_and_renamed_where_jobs_will_be(bare, monkeypatch):
    bare.jobs_dir.mkdir(parents=True)
    seen = []
    real_sync, real_replace = os.fsync, os.replace

    def rename(source, target):
        seen.append((source.parent.parent, source.name, source.stat().st_size, target.name))
        real_replace(source, target)

    monkeypatch.setattr(disk.os, "fsync", lambda number: seen.append("synced") or real_sync(number))
    monkeypatch.setattr(disk.os, "replace", rename)
    assert list(disk.jobs_folder(bare)) == [
        Finding("jobs", "Jobs folder", GOOD, f"{bare.jobs_dir} can be written", "a writable folder")
    ]
    assert seen == ["synced", (bare.jobs_dir, "temporary", 2**16, "file")]
    assert list(bare.jobs_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "why"), [(OSError(28, "No space left on device"), "No space left on device"), (OSError("odd"), "odd")]
)
def test_a_jobs_folder_that_cannot_be_written_is_bad(error, why, bare, monkeypatch):
    def refuse(*_):
        raise error

    monkeypatch.setattr(disk.os, "replace", refuse)
    assert list(disk.jobs_folder(bare)) == [
        Finding("jobs", "Jobs folder", BAD, f"{bare.jobs_dir} cannot be written ({why})", "a writable folder",
                "Choose another data folder in the preferences.", "preferences")
    ]  # fmt: skip
    assert list(bare.data_dir.parent.iterdir()) == []


LOCAL = "a disk of this machine"
CHOOSE = "Choose a data folder on a disk of this machine in the preferences."


@pytest.mark.parametrize("kind", ["tmpfs", "ramfs"])
def test_a_folder_in_memory_is_reported(kind, bare):
    text = f"in memory ({kind}): jobs are lost when the machine stops"
    expected = Finding("real_disk", "Jobs folder's disk", WARN, text, LOCAL, CHOOSE, "preferences")
    assert list(disk.real_disk(bare, f"x / {kind} rw\n")) == [expected]


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "9p", "ceph", "glusterfs", "webdav"]
)
def test_a_folder_over_a_network_is_reported(kind, bare):
    text = f"over a network ({kind}): slow, and locks may not hold"
    expected = Finding("real_disk", "Jobs folder's disk", WARN, text, LOCAL, CHOOSE, "preferences")
    assert list(disk.real_disk(bare, f"x / {kind} rw\n")) == [expected]


@pytest.mark.parametrize(
    ("name", "service"),
    [("OneDrive - Studio", "onedrive"), ("Dropbox", "dropbox"), ("Google Drive", "google drive"),
     ("GoogleDrive-me", "googledrive"), ("iCloud Drive", "icloud"), ("Mobile Documents", "mobile documents"),
     ("Nextcloud", "nextcloud")],
)  # fmt: skip
def test_a_folder_that_a_service_synchronizes_is_reported(name, service, bare):
    context = replace(bare, jobs_dir=bare.data_dir / name / "text3d" / "jobs")
    text = f"in a folder that {service} synchronizes: files may be locked while they are written"
    expected = Finding("real_disk", "Jobs folder's disk", WARN, text, LOCAL, CHOOSE, "preferences")
    assert list(disk.real_disk(context, "x / ext4 rw\n")) == [expected]


def test_a_disk_of_this_machine_is_told_by_its_type_if_known(bare, tmp_path):
    def found(mounts, **changes):
        finding = only(disk.real_disk(replace(bare, **changes), mounts))
        return finding.state, finding.found, finding.fix

    assert found("x / ext4 rw\n") == (GOOD, "ext4", "")
    assert found("") == (GOOD, "seems local", "")
    assert found("x / ext4\n", jobs_dir=tmp_path / "my dropbox" / "jobs") == (GOOD, "ext4", "")


@pytest.mark.skipif(sys.platform == "win32", reason="mounts of other systems")
def test_the_nearest_mount_counts_and_names_may_contain_spaces():
    mounts = "a / ext4 rw\nb /data nfs rw\nc /data/my\\040disk xfs rw\nbroken line\n\nd /data/other tmpfs\n"
    kinds = {"/home/x": "ext4", "/data": "nfs", "/data/x": "nfs", "/data/my disk/jobs": "xfs", "/database": "ext4"}
    assert {path: disk.file_system_type(Path(path), mounts) for path in kinds} == kinds
    assert disk.file_system_type(Path("/x"), "b /data nfs rw\n") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_linked_jobs_folder_is_where_the_link_leads(bare, tmp_path):
    (tmp_path / "far").mkdir()
    bare.jobs_dir.parent.mkdir(parents=True)
    bare.jobs_dir.symlink_to(tmp_path / "far", target_is_directory=True)
    mounts = f"a / ext4 rw\nb {os.path.realpath(tmp_path / 'far')} nfs4 rw\n"
    assert only(disk.real_disk(bare, mounts)).state == WARN


def test_the_mounts_of_a_mac_are_read_in_the_same_form(monkeypatch):
    def run(command, **options):
        assert (command, options["timeout"]) == (["/sbin/mount"], 30)
        return SimpleNamespace(stdout="/dev/disk3s1 on / (apfs, local)\n//me@nas/x on /Volumes/x (smbfs, nodev)\n")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert disk.file_system_type(Path("/Volumes/x/jobs"), disk.read_mounts()) == "smbfs"
    assert disk.file_system_type(Path("/Users/me"), disk.read_mounts()) == "apfs"


def test_without_a_list_of_mounts_the_disk_seems_local(bare, monkeypatch):
    def refuse(self, **_):
        raise PermissionError

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "read_text", refuse)
    assert disk.read_mounts() == ""


@pytest.mark.parametrize(("kind", "expected"), [(4, "smb3"), (3, "")])
def test_windows_tells_whether_a_drive_is_remote(kind, expected, monkeypatch):
    import ctypes

    asked = []
    kernel = SimpleNamespace(GetDriveTypeW=lambda anchor: asked.append(anchor) or kind)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    path = Path("/data/jobs")
    assert disk.file_system_type(path, "x / ext4 rw") == expected
    assert asked == [path.anchor]
