# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes on disk, added up a little at a time."""

import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from blender_text3d.addon.background import disk_usage as module
from blender_text3d.addon.background.disk_usage import DiskUsage, bytes_below
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state.environment_summary import DiskUse
from blender_text3d.system import run_steps


@pytest.fixture
def chosen(tmp_path):
    """A data folder with two jobs, an environment, the worker's code and other files."""
    sizes = {
        "jobs/job-1/mesh.npz": 100, "jobs/job-1/views/0.png": 20, "jobs/job-2/mesh.npz": 3, "jobs/worker.log": 400,
        "worker-env/1/lib/torch.so": 5000, "worker-env/manifest.json": 60, "worker-code/ab/worker.py": 7,
        "weights/decoder.pt": 80_000, "worker-env.setup.log": 900_000,
    }  # fmt: skip
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    return Choices(tmp_path / "jobs", tmp_path / "worker-env", None, "", "auto", "", "")


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    times = SimpleNamespace(monotonic=lambda: clock.now, perf_counter=lambda: 0.0)
    monkeypatch.setattr(module, "time", times)
    monkeypatch.setattr(run_steps, "time", times)
    return clock


@pytest.fixture
def app(monkeypatch):
    """Blender with a window."""
    registered = []
    timers = SimpleNamespace(
        is_registered=lambda do: do in registered,
        register=lambda do, first_interval, persistent: registered.append(do),
        unregister=registered.remove,
    )
    app = SimpleNamespace(background=False, timers=timers, registered=registered)
    monkeypatch.setattr(module, "bpy", SimpleNamespace(app=app))
    return app


def test_a_folder_is_the_sum_of_its_files_one_folder_at_a_time(chosen):
    assert sorted(bytes_below(chosen.jobs_dir)) == [3, 20, 100, 400]


def test_a_missing_folder_and_a_file_count_as_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 9)
    assert list(bytes_below(tmp_path / "missing")) == [0]
    assert list(bytes_below(tmp_path / "file")) == [0]


def test_links_are_not_followed(chosen, tmp_path):
    (tmp_path / "linking").mkdir()
    os.symlink(chosen.env_dir, tmp_path / "linking" / "folder")
    os.symlink(chosen.env_dir / "1" / "lib" / "torch.so", tmp_path / "linking" / "file")
    assert sum(bytes_below(tmp_path / "linking")) < 1000


def test_a_file_that_is_gone_counts_as_nothing():
    class Entry:
        def stat(self, follow_symlinks):
            raise FileNotFoundError

    assert module.size_of(Entry()) == 0


def test_jobs_and_environment_are_added_up_with_the_workers_code_and_without_models(chosen):
    usage = DiskUsage()
    assert usage.known is None
    for _ in usage.add_up(chosen):
        assert usage.known is None
    assert usage.known == DiskUse(2, 523, 5067)


def test_a_request_starts_a_timer_that_ends_with_the_sum(chosen, app, clock):
    usage = DiskUsage()
    usage.request_refresh(chosen)
    usage.request_refresh(chosen)
    assert app.registered == [usage.poll]
    assert usage.poll() is None
    assert usage.known == DiskUse(2, 523, 5067)
    assert usage.poll() is None


def test_a_poll_ends_when_its_time_is_up_and_continues_at_the_next(chosen, app, monkeypatch):
    ticks = iter(range(1000))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 100.0))
    monkeypatch.setattr(run_steps, "time", SimpleNamespace(perf_counter=lambda: 0.003 * next(ticks)))
    usage, polls = DiskUsage(), 1
    usage.request_refresh(chosen)
    while usage.poll() == 0.1:
        usage.request_refresh(chosen)  # by a panel that is drawn again
        polls += 1
    assert (polls, usage.known) == (10, DiskUse(2, 523, 5067))  # nine folders, and the end


def test_a_sum_is_valid_for_two_minutes_or_until_something_changes(chosen, app, clock):
    usage = DiskUsage()
    usage.request_refresh(chosen)
    usage.poll()
    (chosen.jobs_dir / "job-3").mkdir()
    for clock.now, count in ((219.9, 2), (220.0, 3)):
        usage.request_refresh(chosen)
        usage.poll()
        assert usage.known.jobs == count
    (chosen.jobs_dir / "job-4").mkdir()
    usage.refresh()
    usage.request_refresh(chosen)
    assert usage.known.jobs == 3
    usage.poll()
    assert usage.known.jobs == 4


def test_another_data_folder_is_added_up_at_once_and_the_old_sum_is_not_shown(chosen, app, clock, tmp_path):
    usage = DiskUsage()
    usage.request_refresh(chosen)
    usage.poll()
    other = replace(chosen, jobs_dir=tmp_path / "other" / "jobs", env_dir=tmp_path / "other" / "worker-env")
    usage.request_refresh(other)
    assert usage.known is None
    usage.poll()
    assert usage.known == DiskUse(0, 0, 0)


def test_without_a_window_nothing_is_added_up(chosen, app):
    app.background = True
    usage = DiskUsage()
    usage.request_refresh(chosen)
    assert (usage.poll(), usage.known, app.registered) == (None, None, [])


def test_detaching_ends_the_timer_and_drops_the_sums(chosen, app, clock):
    usage = DiskUsage()
    usage.request_refresh(chosen)
    usage.poll()
    usage.detach()
    assert (usage.known, app.registered) == (None, [])
    usage.detach()
    usage.request_refresh(chosen)
    usage.poll()
    assert usage.known == DiskUse(2, 523, 5067)
