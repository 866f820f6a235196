# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a setup: written bytes, rate and remaining time."""

import shutil
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.environment import progress_reporter
from blender_text3d.environment.progress import Progress
from blender_text3d.environment.progress_reporter import ProgressReporter, distinct_disks, mean_rate


def test_written_bytes_are_reported_between_messages(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "INTERVAL_S", 0.01)
    # Other programs remove as much as is written.
    monkeypatch.setattr(progress_reporter, "total_free_bytes", lambda folders: 10**12)
    sent = []
    with ProgressReporter(sent.append, tmp_path, 10_000_000) as reporter:
        reporter.report("Installing", 0.3)
        (tmp_path / "file").write_bytes(bytes(4_000_000))
        until = time.monotonic() + 600
        while sent[-1].done_bytes < 4_000_000 and time.monotonic() < until:
            time.sleep(0.01)
        reporter.report("Testing", 0.2)
    assert {progress.message for progress in sent} - {"Starting"} == {"Installing", "Testing"}
    assert sent[-1].share == pytest.approx(0.8 * 0.4)  # from the written bytes, which is more than was reported
    assert sent[-1].done_bytes == 4_000_000
    assert sent[-1].of_bytes == 10_000_000


def test_the_remaining_time_is_only_known_while_installing(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "mean_rate", lambda samples: 1_000_000.0)
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    for share in (0.01, 0.3, 0.85):
        reporter.report("Working", share)
    assert [progress.left_s is not None for progress in sent] == [False, True, False]


def test_the_remaining_time_is_that_of_the_bytes_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "mean_rate", lambda samples: 1_000_000.0)
    free = [10**12]
    monkeypatch.setattr(progress_reporter, "total_free_bytes", lambda folders: free[0])
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    free[0] -= 4_000_000
    reporter.report("Installing", 0.3)
    assert sent[-1].left_s == pytest.approx(6)


def test_the_rate_is_the_mean_of_the_samples_or_zero_if_slow():
    assert mean_rate(deque([(0.0, 0), (2.0, 8_000_000)])) == 4_000_000
    assert mean_rate(deque([(0.0, 0)])) == mean_rate(deque([(0.0, 0), (2.0, 1000)])) == 0.0


def test_a_disk_counts_once_and_a_folder_may_not_exist_yet(tmp_path):
    assert len(distinct_disks(tmp_path, tmp_path / "not" / "there", tmp_path.parent)) == 1


@pytest.fixture
def disk(monkeypatch):
    """The free bytes of the disks, and the time, both set by a test."""
    state = SimpleNamespace(free=10**12, now_s=50.0)
    monkeypatch.setattr(progress_reporter, "total_free_bytes", lambda folders: state.free)
    monkeypatch.setattr(progress_reporter, "time", SimpleNamespace(monotonic=lambda: state.now_s))
    return state


def test_each_report_has_the_written_bytes_the_rate_and_the_remaining_time(tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 40_000_000)
    reporter.report("Searching", 0.01)
    assert sent == [Progress("Searching", 0.01, of_bytes=40_000_000)]
    disk.free -= 8_000_000
    disk.now_s += 2
    reporter.report("Installing", 0.1)
    assert sent[1] == Progress(
        "Installing", pytest.approx(0.16), "working", "", 8_000_000, 40_000_000, 4_000_000.0, pytest.approx(8.0)
    )
    assert type(sent[1].done_bytes) is int


def test_nothing_is_sent_before_the_first_report_or_interval(tmp_path, disk):
    ProgressReporter(lambda progress: pytest.fail("it was sent"), tmp_path, 1)


@pytest.mark.parametrize(
    ("share", "expected", "has_time"),
    [(0.04, 0.04, False), (0.041, 0.4, True), (0.5, 0.5, True), (0.799, 0.799, True), (0.8, 0.8, False)],
)
def test_only_while_installing_do_the_written_bytes_decide_the_share(share, expected, has_time, tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    reporter.report("Starting", 0.0)
    disk.free -= 5_000_000
    disk.now_s += 1
    reporter.report("Working", share)
    assert sent[-1].share == pytest.approx(expected)
    assert (sent[-1].left_s is not None) is has_time


def test_more_bytes_than_estimated_are_capped_and_leave_no_time(tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    reporter.report("Installing", 0.5)
    disk.free -= 11_000_000
    disk.now_s += 1
    reporter.report("Installing", 0.5)
    assert (sent[-1].done_bytes, sent[-1].left_s) == (10_000_000, None)
    assert sent[-1].share == pytest.approx(0.8)


def test_without_an_estimate_the_bytes_are_told_but_no_share_and_no_time(tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 0)
    reporter.report("Installing", 0.3)
    disk.free -= 11_000_000
    disk.now_s += 1
    reporter.report("Installing", 0.3)
    assert sent[-1] == Progress("Installing", 0.3, done_bytes=11_000_000, bytes_per_s=11_000_000.0)


def test_bytes_and_share_never_decrease(tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 100_000_000)
    disk.free -= 4_000_000
    reporter.report("Installing", 0.3)
    disk.free += 9_000_000  # another program removes a file
    reporter.report("Installing", 0.2)
    assert [(progress.share, progress.done_bytes) for progress in sent] == [(0.3, 4_000_000)] * 2


def test_the_environments_folder_is_measured_at_every_fourth_interval(tmp_path, disk, monkeypatch):
    sizes, sent = iter((1000, 5000)), []
    monkeypatch.setattr(progress_reporter, "disk_bytes", lambda folder: next(sizes))
    reporter = ProgressReporter(sent.append, tmp_path, 0)
    waits = iter([False] * 5 + [True])
    monkeypatch.setattr(reporter._has_ended, "wait", lambda seconds: seconds == 1.0 and next(waits))
    reporter.report("Installing", 0.3)
    reporter._run()
    assert [progress.done_bytes for progress in sent] == [0, 0, 0, 0, 4000, 4000]
    assert {progress.message for progress in sent} == {"Installing"}


def test_leaving_the_block_ends_the_thread(tmp_path):
    with ProgressReporter(lambda progress: None, tmp_path, 1) as reporter:
        assert reporter._thread.is_alive()
        assert reporter._thread.daemon
    assert not reporter._thread.is_alive()


def test_the_rate_is_the_mean_over_the_last_ten_samples(tmp_path, disk):
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 0)
    for written in [0, 50_000_000, *[1_000_000] * 9]:
        disk.free -= written
        disk.now_s += 1
        reporter.report("Installing", 0.3)
    assert sent[9].bytes_per_s == pytest.approx(58_000_000 / 9)  # the first sample is the tenth from the end
    assert sent[10].bytes_per_s == pytest.approx(9_000_000 / 9)
    disk.now_s += 91
    reporter.report("Installing", 0.3)
    assert sent[-1].bytes_per_s == 0.0


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        ([], 0.0),
        ([(1.0, 5)], 0.0),
        ([(1.0, 0), (1.0, 10**9)], 0.0),
        ([(2.0, 0), (1.0, 10**9)], 0.0),
        ([(1.0, 0), (3.0, 600_000)], 300_000.0),
        ([(1.0, 0), (3.0, 599_999)], 0.0),
        ([(1.0, 10**6), (2.0, 10**9), (5.0, 9 * 10**6)], 2_000_000.0),
    ],
)
def test_the_rate_is_that_between_the_first_and_the_last_sample(samples, rate):
    assert mean_rate(deque(samples)) == rate


def test_folders_on_two_disks_are_two_and_each_is_represented_by_an_existing_parent(tmp_path, monkeypatch):
    (tmp_path / "usb").mkdir()
    real = Path.stat

    def stat(self, **options):
        status = real(self, **options)
        return SimpleNamespace(st_dev=7, st_mode=status.st_mode) if "usb" in self.name else status

    monkeypatch.setattr(Path, "stat", stat)
    assert distinct_disks(tmp_path / "a" / "b", tmp_path / "usb" / "c") == [tmp_path, tmp_path / "usb"]


def test_the_free_space_is_the_sum_over_the_disks(monkeypatch):
    free = {Path("/a"): 10, Path("/b"): 5}
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free[folder], total=100, used=3))
    assert progress_reporter.total_free_bytes([Path("/a"), Path("/b")]) == 15
    assert progress_reporter.total_free_bytes([]) == 0


def test_temporary_files_and_the_home_folder_count_as_written(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(progress_reporter, "distinct_disks", lambda *folders: asked.extend(folders) or [tmp_path])
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setattr(progress_reporter.tempfile, "gettempdir", lambda: "/scratch")
    ProgressReporter(lambda progress: None, tmp_path / "env", 1)
    assert asked == [tmp_path / "env", Path("/scratch"), Path("/home/me")]
