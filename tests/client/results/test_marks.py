# SPDX-License-Identifier: GPL-3.0-or-later
"""Stars and rejections, also when two Blenders set them."""

import pytest

from blender_text3d.client.results.marks import REJECTED, STARRED, is_marked, set_mark
from tests.client.results.jobs import write_job


@pytest.mark.parametrize("mark", [STARRED, REJECTED])
def test_a_mark_can_be_set_and_removed_repeatedly(tmp_path, mark):
    job = write_job(tmp_path, "a")
    for on in (True, True, False, False, True):
        set_mark(job, mark, on=on)
        assert is_marked(job, mark) == on


def test_a_starred_result_is_not_rejected_and_the_other_way_round(tmp_path):
    job = write_job(tmp_path, "a")
    set_mark(job, REJECTED, on=True)
    set_mark(job, STARRED, on=True)
    assert (is_marked(job, STARRED), is_marked(job, REJECTED)) == (True, False)
    set_mark(job, REJECTED, on=True)
    assert (is_marked(job, STARRED), is_marked(job, REJECTED)) == (False, True)


def test_marks_leave_no_other_file(tmp_path):
    job = write_job(tmp_path, "a")
    before = {path.name for path in job.path.iterdir()}
    set_mark(job, STARRED, on=True)
    assert {path.name for path in job.path.iterdir()} == before | {"starred"}


def test_a_mark_in_a_folder_that_is_gone_is_an_error(tmp_path):
    job = write_job(tmp_path, "a")
    job.path.rename(tmp_path / "moved")
    with pytest.raises(OSError, match="No such file"):
        set_mark(job, STARRED, on=True)
    assert not is_marked(job, STARRED)


def test_something_else_under_the_name_of_a_mark_is_an_error_and_stays(tmp_path):
    job = write_job(tmp_path, "a")
    (job.path / "starred").mkdir()
    with pytest.raises(OSError, match="starred"):
        set_mark(job, STARRED, on=False)
    assert (job.path / "starred").is_dir()
