# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored order of the queue: read by the next session only, and worthless garbage at worst."""

import json
import os
import subprocess
import sys

import pytest

from blender_text3d.client.stored_queue import (
    MAX_BYTES,
    MAX_FILES,
    MAX_JOBS,
    in_order,
    own_path,
    queue_files,
    read_queue,
    remove_queues,
    store_queue,
)
from blender_text3d.protocol.claim import Claim, own_claim


@pytest.fixture
def gone() -> Claim:
    """A process of this machine that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return own_claim()._replace(pid=process.pid, started="")


def left_in(jobs_dir):
    return [queue for path in queue_files(jobs_dir, os.listdir(jobs_dir)) if (queue := read_queue(path))]


def write(jobs_dir, process, name="other", **changes):
    """Write the file of another process."""
    content = {"owner": process._asdict(), "is_paused": False, "order": ["b", "a"], **changes}
    path = jobs_dir / f".queue-{name}.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("is_paused", [True, False])
def test_order_and_pause_are_read_as_they_were_stored(tmp_path, is_paused):
    jobs_dir = tmp_path / "data" / "jobs"
    store_queue(jobs_dir, ["job-3", "job-1"], is_paused=is_paused)
    (queue,) = left_in(jobs_dir)
    assert (queue.order, queue.is_paused, queue.path) == (("job-3", "job-1"), is_paused, own_path(jobs_dir))
    assert os.listdir(jobs_dir) == [queue.path.name]


def test_the_newest_state_replaces_the_one_before(tmp_path):
    store_queue(tmp_path, ["a", "b"], is_paused=True)
    store_queue(tmp_path, ["b"], is_paused=False)
    assert [(queue.order, queue.is_paused) for queue in left_in(tmp_path)] == [(("b",), False)]


def test_a_jobs_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "jobs").touch()
    with pytest.raises(OSError, match="jobs"):
        store_queue(tmp_path / "jobs", [], is_paused=True)


def test_the_queue_of_a_process_that_is_gone_is_left(tmp_path, gone):
    path = write(tmp_path, gone)
    assert [(queue.path, queue.order) for queue in left_in(tmp_path)] == [(path, ("b", "a"))]


def test_the_queues_of_a_living_process_and_of_another_machine_are_not(tmp_path, gone):
    write(tmp_path, own_claim()._replace(pid=os.getppid(), started=""), "living")
    write(tmp_path, gone._replace(machine="another", host="another"), "elsewhere")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"order": "ab"}, {"order": [1, 2]}, {"order": None}, {"owner": []}, {"owner": {"pid": "1"}}, {"owner": None},
        {"owner": {"pid": 0}},
    ],
)  # fmt: skip
def test_a_queue_with_invalid_values_is_ignored(tmp_path, gone, change):
    write(tmp_path, gone, **change)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("value", [1, "true", [True], None])
def test_only_true_is_a_pause(tmp_path, gone, value):
    write(tmp_path, gone, is_paused=value)
    assert [queue.is_paused for queue in left_in(tmp_path)] == [False]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 20_000, b'{"owner": 1, "owner": 2}'])
def test_a_file_with_garbage_is_ignored(tmp_path, content):
    (tmp_path / ".queue-garbage.json").write_bytes(content)
    assert left_in(tmp_path) == []


def test_folders_links_and_enormous_files_are_ignored(tmp_path, gone):
    (tmp_path / ".queue-folder.json").mkdir()
    outside = write(tmp_path, gone).rename(tmp_path / "outside")
    (tmp_path / ".queue-link.json").symlink_to(outside)
    with write(tmp_path, gone, "large").open("a") as file:
        file.write(" " * MAX_BYTES)
    assert left_in(tmp_path) == []


def test_only_so_many_files_are_read(tmp_path, gone):
    for number in range(MAX_FILES + 3):
        write(tmp_path, gone, f"{number:03}")
    assert len(left_in(tmp_path)) == MAX_FILES


def test_very_many_jobs_are_stored_in_part_and_can_be_read(tmp_path):
    names = [f"20261128-120000-a-red-chair-with-white-l-{number:06x}" for number in range(MAX_JOBS + 1)]
    store_queue(tmp_path, names, is_paused=False)
    assert [queue.order for queue in left_in(tmp_path)] == [tuple(names[:MAX_JOBS])]


def test_removed_queues_are_gone_and_removing_twice_is_no_error(tmp_path, gone):
    write(tmp_path, gone)
    kept = write(tmp_path, own_claim()._replace(pid=os.getppid(), started=""), "living")
    queues = left_in(tmp_path)
    remove_queues(queues)
    remove_queues(queues)
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize(
    ("items", "order", "expected"),
    [
        ("abcd", "", "abcd"),
        ("abcd", "dcba", "dcba"),
        ("abcd", "ca", "cbad"),
        ("abcd", "dxa", "dbca"),
        ("abcd", "bab", "bacd"),
        ("", "ab", ""),
    ],
)
def test_named_items_are_put_in_order_and_the_others_keep_their_places(items, order, expected):
    assert "".join(in_order(items, order, str)) == expected
