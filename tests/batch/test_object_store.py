# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectStore: exactly once, whoever finishes first."""

import pytest

from blender_text3d.batch.object_store import ObjectStore


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "out")


def attempt(folder, content, name="abc"):
    path = folder / content
    path.mkdir()
    (path / f"{name}.json").write_text(content)
    return path


def test_the_second_finisher_gives_way(store):
    with store.work_folder() as work:
        assert store.publish(attempt(work, "first"), "abc")
        second = attempt(work, "second")
        assert not store.publish(second, "abc")
        assert not second.exists()
    assert (store.folder_of("abc") / "abc.json").read_text() == "first"


def test_a_folder_without_facts_is_no_object_and_is_replaced(store):
    store.folder_of("abc").mkdir()
    (store.folder_of("abc") / "abc.glb").write_text("half")
    assert not store.has("abc")
    with store.work_folder() as work:
        assert store.publish(attempt(work, "whole"), "abc")
    assert store.has("abc")
    assert not (store.folder_of("abc") / "abc.glb").exists()


def test_the_work_of_a_running_process_is_kept(store):
    with store.work_folder() as first:
        (first / "unfinished").touch()
        with ObjectStore(store.out).work_folder():
            assert (first / "unfinished").exists()
    assert not first.exists()


def test_broken_lines_of_failures_are_left_out(store):
    store.record_failure({"id": "abc", "reason": "no"})
    with store.failures.open("ab") as file:
        file.write(b'[1]\n"x"\n\xff\n{"id": "abc", "rea')
    assert store.failure_counts() == {"abc": 1}
