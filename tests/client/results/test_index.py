# SPDX-License-Identifier: GPL-3.0-or-later
"""The index over many job folders: order, filters, what is read, and changes by others."""

import gc
import os
import shutil

import pytest

from blender_text3d.client.results.entry import ResultEntry
from blender_text3d.client.results.index import ResultFilter, ResultIndex, grouped, seed_count, words_of
from blender_text3d.client.results.marks import REJECTED, STARRED, set_mark
from blender_text3d.protocol.events import Cancelled, Progress
from blender_text3d.protocol.job_folder import DRAFT_NAME
from tests.client.results.jobs import FINISHED, write_job, write_many_jobs
from tests.client.results.opened_files import opened_files

RUNNING = Progress(stage="sample", index=1, total=2)
MANY = 10_000


def listed(jobs_dir) -> ResultIndex:
    """Return an index that has listed the folder."""
    index = ResultIndex(jobs_dir)
    for _ in index.list_names():
        pass
    return index


def found(index: ResultIndex, **wanted) -> list[str]:
    return [entry.job_id for entry in index.search(ResultFilter(**wanted)) if entry]


def page(index: ResultIndex, count: int) -> list[ResultEntry]:
    """Return the first results, reading no further than needed."""
    entries = []
    for entry in index.search(ResultFilter()):
        entries += [entry] if entry else []
        if len(entries) == count:
            break
    return entries


def test_finished_jobs_are_listed_newest_first(tmp_path):
    for name in ("20260102-000000-b", "20260101-000000-a", "20260103-000000-c"):
        write_job(tmp_path, name)
    write_job(tmp_path, "20260104-000000-d", "a red chair", Cancelled(stage="sample", index=1))
    write_job(tmp_path, "20260105-000000-e", "a red chair", RUNNING)
    assert found(listed(tmp_path)) == ["20260103-000000-c", "20260102-000000-b", "20260101-000000-a"]


def test_other_files_and_folders_are_passed_over(tmp_path):
    write_job(tmp_path, "a")
    write_job(tmp_path, ".hidden")
    (tmp_path / "worker-1.log").write_text("x")
    (tmp_path / "photos").mkdir()
    write_job(tmp_path / "elsewhere", "x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere/x")
    assert found(listed(tmp_path)) == ["a"]


def test_a_missing_jobs_folder_is_empty(tmp_path):
    index = listed(tmp_path / "nowhere")
    assert found(index) == []
    write_job(tmp_path / "nowhere", "a")
    assert index.is_outdated()


def test_every_word_must_be_in_the_prompt_or_be_the_seed(tmp_path):
    write_job(tmp_path, "a", "a Red chair with white legs", seed=1421)
    write_job(tmp_path, "b", "a red car", seed=7)
    index = listed(tmp_path)
    assert found(index, words=words_of("RED")) == ["b", "a"]
    assert found(index, words=words_of(" legs  red ")) == ["a"]
    assert found(index, words=words_of("red 1421")) == ["a"]
    assert found(index, words=words_of("red boat")) == []
    assert found(index, words=words_of("142")) == []


def test_filters_by_star_rejection_and_file(tmp_path):
    jobs = {name: write_job(tmp_path, name) for name in ("plain", "good", "bad")}
    set_mark(jobs["good"], STARRED, on=True)
    set_mark(jobs["bad"], REJECTED, on=True)
    index = listed(tmp_path)
    assert found(index) == ["plain", "good"]
    assert found(index, has_rejected=True) == ["plain", "good", "bad"]
    assert found(index, is_starred_only=True) == ["good"]
    assert found(index, job_ids=frozenset({"plain", "bad", "missing"})) == ["plain"]


def test_a_result_that_both_blenders_marked_differently_counts_as_starred(tmp_path):
    job = write_job(tmp_path, "a")
    for mark in (STARRED, REJECTED):
        (job.path / mark).touch()
    assert found(listed(tmp_path), is_starred_only=True) == ["a"]


def test_changes_by_others_are_seen(tmp_path):
    jobs = {name: write_job(tmp_path, name) for name in "abc"}
    index = listed(tmp_path)
    assert found(index) == ["c", "b", "a"]
    set_mark(jobs["b"], REJECTED, on=True)
    shutil.rmtree(jobs["a"].path)
    assert found(index) == ["c"]
    assert index.is_outdated()
    write_job(tmp_path, "d")
    for _ in index.list_names():
        pass
    assert found(index) == ["d", "c"]
    assert not index.is_outdated()


def test_a_job_that_finishes_or_is_copied_completely_is_noticed(tmp_path):
    running = write_job(tmp_path, "a", "a red chair", RUNNING)
    copied = write_job(tmp_path, "b")
    request = copied.request.read_bytes()
    copied.request.unlink()
    index = listed(tmp_path)
    assert found(index) == []
    assert not index.has_newly_finished()
    running.append(FINISHED)
    assert index.has_newly_finished()
    assert found(index) == ["a"]
    assert not index.has_newly_finished()
    copied.request.write_bytes(request)
    assert index.has_newly_finished()


def test_drafts_of_live_are_not_listed_until_they_are_kept(tmp_path):
    draft, other = write_job(tmp_path, "b"), write_job(tmp_path, "a")
    (draft.path / DRAFT_NAME).touch()
    index = listed(tmp_path)
    assert found(index) == [other.job_id]
    draft.keep_draft()
    assert index.has_newly_finished()
    assert found(index) == [draft.job_id, other.job_id]


def test_groups_are_in_the_order_of_their_newest_result_and_sorted_by_seed(tmp_path):
    for name, prompt, seed in (
        ("5", "a red chair", 2),
        ("4", "a blue car", 1),
        ("3", "a red chair", 10),
        ("2", "a red chair", 1),
        ("1", "a red chair", 2),
    ):
        write_job(tmp_path, name, prompt, seed=seed)
    groups = grouped(page(listed(tmp_path), 9))
    assert [[entry.job_id for entry in group] for group in groups] == [["2", "5", "1", "3"], ["4"]]
    assert [seed_count(group) for group in groups] == [3, 1]


def test_variations_are_sorted_by_their_own_seeds_which_count(tmp_path):
    for name, seed in (("3", 20), ("2", 3), ("1", 20)):
        write_job(tmp_path, name, variation_strength=0.3, variation_seed=seed)
    (group,) = grouped(page(listed(tmp_path), 9))
    assert [entry.job_id for entry in group] == ["2", "3", "1"]
    assert seed_count(group) == 2


def test_a_folder_that_vanishes_during_a_search_is_skipped(tmp_path):
    jobs = [write_job(tmp_path, name) for name in "abc"]
    index = listed(tmp_path)
    search = index.search(ResultFilter())
    assert next(search).job_id == "c"
    shutil.rmtree(jobs[1].path)
    assert [entry.job_id for entry in search if entry] == ["a"]


@pytest.fixture(scope="module")
def many_jobs(tmp_path_factory):
    jobs_dir = tmp_path_factory.mktemp("many") / "jobs"
    write_many_jobs(jobs_dir, MANY)
    return jobs_dir


def test_of_ten_thousand_jobs_the_first_page_opens_the_files_of_that_page_only(many_jobs):
    with opened_files() as paths:
        entries = page(listed(many_jobs), 12)
    assert [entry.request.prompt for entry in entries[:2]] == ["a red chair number 9999", "a red chair number 9998"]
    assert len(paths) == 1 + 2 * 12


def test_listing_ten_thousand_jobs_takes_many_steps(many_jobs):
    index = ResultIndex(many_jobs)
    assert sum(1 for _ in index.list_names()) > MANY / 1000
    assert len(index.names) == MANY


def test_a_search_reads_each_job_once_and_one_job_a_step(many_jobs):
    index = listed(many_jobs)
    with opened_files() as paths:
        steps = list(index.search(ResultFilter(words=("number", "4711"))))
    assert len(steps) == MANY
    assert len(paths) == 2 * MANY
    with opened_files() as paths:
        assert len(found(index, words=words_of("number 12"))) == 1 + sum("12" in str(n) for n in range(MANY)) - 1
    assert paths == []


def test_what_is_kept_of_many_jobs_is_nothing_that_the_garbage_collector_follows(many_jobs):
    index = listed(many_jobs)
    gc.collect()
    before = len(gc.get_objects())
    for name in index.names[:1000]:
        index.read(name)
    gc.collect()
    assert index.known(index.names[0]).request.prompt == f"a red chair number {MANY - 1}"
    assert len(gc.get_objects()) - before < 100


def test_a_search_for_stars_opens_no_file_of_other_jobs(many_jobs):
    starred = many_jobs / f"20260101-{42:06d}-a-red-chair-abcdef"
    (starred / "starred").touch()
    index = listed(many_jobs)
    with opened_files() as paths:
        assert found(index, is_starred_only=True) == [starred.name]
    assert {os.path.dirname(path) for path in paths} == {str(starred)}


def test_what_was_known_of_a_deleted_job_is_forgotten(tmp_path):
    jobs = [write_job(tmp_path, name) for name in "ab"]
    index = listed(tmp_path)
    found(index)
    shutil.rmtree(jobs[0].path)
    for _ in index.list_names():
        pass
    assert (index.known("a"), index.known("b").job_id) == (None, "b")
