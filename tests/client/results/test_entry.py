# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of finished, unfinished, half-copied, foreign and hostile job folders."""

import json
import os
import shutil

import pytest

from blender_text3d.client.results.entry import MAX_REQUEST_BYTES, packed, read_entry, unpacked
from blender_text3d.client.results.marks import REJECTED, STARRED, set_mark
from blender_text3d.protocol.events import Cancelled, Failed, Progress
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import SEEDS
from tests.client.results.jobs import FINISHED, write_job

PNG = b"\x89PNG"


def rewrite(job: JobFolder, **changes) -> None:
    """Change values of the request."""
    content = json.loads(job.request.read_text())
    content["request"] |= changes
    job.request.write_text(json.dumps(content))


@pytest.mark.parametrize("seed", [0, SEEDS - 1])
def test_the_first_and_the_last_seed_are_valid(tmp_path, seed):
    assert read_entry(write_job(tmp_path, "20260101-000000-a", seed=seed)).request.seed == seed


def test_an_entry_holds_what_was_asked_and_how_it_ended(tmp_path):
    job = write_job(tmp_path, "20260101-000000-a", "a blue car", seed=77, model="mini/point-e")
    job.thumbnail.write_bytes(PNG)
    entry = read_entry(job)
    assert (entry.job_id, entry.request.prompt, entry.request.model) == (job.job_id, "a blue car", "mini/point-e")
    assert (entry.request.seed, entry.end, entry.files) == (77, "finished", {"mesh": "mesh.npz"})
    assert entry.request.created == json.loads(job.request.read_text())["created"]
    assert entry.thumbnail[:2] == (job.thumbnail.stat().st_mtime_ns, len(PNG))
    assert (entry.is_starred, entry.is_rejected) == (False, False)


def test_a_thumbnail_replaced_within_a_tick_of_the_clock_is_another_version(tmp_path):
    job, second = write_job(tmp_path, "a"), tmp_path / "second.png"
    job.thumbnail.write_bytes(PNG)
    second.write_bytes(PNG)
    before = read_entry(job)
    os.utime(second, ns=(before.thumbnail.time_ns, before.thumbnail.time_ns))
    second.replace(job.thumbnail)
    assert read_entry(job, before).thumbnail != before.thumbnail


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (Cancelled(stage="sample", index=1), "cancelled"),
        (Failed(message='the "stepped" word', reason="internal", fix=""), "failed"),
        (Progress(stage="sample", index=1, total=2), ""),
        (FINISHED, "finished"),
    ],
)
def test_the_end_is_the_kind_of_the_terminal_event(tmp_path, event, end):
    assert read_entry(write_job(tmp_path, "a", "a red chair", event)).end == end


def test_the_end_of_a_long_journal_is_found(tmp_path):
    steps = [Progress(stage="sample", index=index, total=999) for index in range(400)]
    assert read_entry(write_job(tmp_path, "a", "a red chair", *steps, FINISHED)).end == "finished"


def test_a_known_entry_is_brought_up_to_date(tmp_path):
    job = write_job(tmp_path, "a", "a red chair", Progress(stage="sample", index=1, total=2))
    running = read_entry(job)
    job.append(FINISHED)
    set_mark(job, STARRED, on=True)
    finished = read_entry(job, running)
    assert (finished.end, finished.is_starred, finished.request) == ("finished", True, running.request)
    job.request.unlink()
    job.journal.unlink()
    set_mark(job, REJECTED, on=True)
    assert read_entry(job, finished).is_rejected
    shutil.rmtree(job.path)
    assert read_entry(job, finished) is None


def test_jobs_of_one_group_differ_in_seed_viewer_device_and_comparison_only(tmp_path):
    same = [{}, {"seed": 9}, {"viewer": "spawn"}, {"device": "cpu"}, {"comparison": "comparison-1"}]
    other = [{"size_m": 2.0}, {"quality": "draft"}, {"model": "mini/point-e"}, {"grid": 64}]
    jobs = [write_job(tmp_path, f"job-{number}", **choices) for number, choices in enumerate([*same, *other])]
    groups = [read_entry(job).request.group for job in jobs]
    assert len(set(groups[: len(same)])) == 1
    assert len(set(groups)) == 1 + len(other)
    assert read_entry(write_job(tmp_path, "z", "a blue chair")).request.group not in groups


def test_variations_of_one_strength_are_a_group_and_have_seeds_of_their_own(tmp_path):
    varied = [{"variation_strength": 0.3, "variation_seed": seed} for seed in (7, 8)]
    other = [{"variation_strength": 0.4, "variation_seed": 7}, {"variation_seed": 7}]
    jobs = [write_job(tmp_path, f"job-{number}", **choices) for number, choices in enumerate([*varied, *other])]
    requests = [read_entry(job).request for job in jobs]
    assert len({request.group for request in requests}) == 3
    assert requests[0].group == requests[1].group
    assert [request.variation_seed for request in requests] == [7, 8, 7, -1]


@pytest.mark.parametrize("hostile", ["7", 7.0, True, -5, SEEDS, None, [7]])
def test_a_variation_seed_that_is_none_is_ignored(tmp_path, hostile):
    job = write_job(tmp_path, "a")
    rewrite(job, variation_strength=0.3, variation_seed=hostile)
    assert read_entry(job).request.variation_seed == -1


@pytest.mark.parametrize("has_thumbnail", [True, False])
def test_a_packed_entry_comes_back_as_it_was(tmp_path, has_thumbnail):
    job = write_job(tmp_path, "a", 'a "größer" 🪑 chair', seed=SEEDS - 1)
    set_mark(job, STARRED, on=True)
    if has_thumbnail:
        job.thumbnail.write_bytes(PNG)
    entry = read_entry(job)
    assert unpacked(job, packed(entry)) == entry
    assert read_entry(job, unpacked(job, packed(entry))) == entry


def test_a_setting_that_an_older_request_lacks_has_its_default(tmp_path):
    new, old = write_job(tmp_path, "a"), write_job(tmp_path, "b")
    content = json.loads(old.request.read_text())
    del content["request"]["is_flat"], content["request"]["most_faces"]
    old.request.write_text(json.dumps(content))
    assert read_entry(new).request.group == read_entry(old).request.group


def test_different_input_images_are_different_groups(tmp_path):
    jobs = [write_job(tmp_path, name) for name in "abc"]
    for job, size in zip(jobs, (10, 10, 11), strict=True):
        rewrite(job, image="input_image.png")
        (job.path / "input_image.png").write_bytes(bytes(size))
    groups = [read_entry(job).request.group for job in jobs]
    assert groups[0] == groups[1] != groups[2]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"request": []}',
        '{"request": {"prompt": "a red chair"}}',
        '{"request": {"prompt": "a\\nb", "model": "m", "seed": 1}}',
        '{"request": {"prompt": "\\ud800", "model": "m", "seed": 1}}',
        '{"request": {"prompt": 5, "model": "m", "seed": 1}}',
        '{"request": {"prompt": "a", "model": ["m"], "seed": 1}}',
        '{"request": {"prompt": "a", "model": "m", "seed": true}}',
        '{"request": {"prompt": "a", "model": "m", "seed": -1}}',
        '{"request": {"prompt": "a", "model": "m", "seed": 99999999999999}}',
        '{"request": {"prompt": "a", "model": "m", "seed": 1e300}}',
        "[" * 20_000,
        '{"request": {"prompt": "a", "model": "m", "seed": ' + "1" * 9_000 + "}}",
        '{"request": {"prompt": "a", "model": "m", "seed": 1}}' + " " * MAX_REQUEST_BYTES,
        "\udcff",
    ],
)
def test_a_folder_with_an_invalid_request_has_no_entry(tmp_path, content):
    job = write_job(tmp_path, "a")
    job.request.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert read_entry(job) is None


@pytest.mark.parametrize("created", ["yesterday", -5, 1e300, None, {}])
def test_an_invalid_date_is_unknown(tmp_path, created):
    job = write_job(tmp_path, "a")
    job.request.write_text(json.dumps(json.loads(job.request.read_text()) | {"created": created}))
    assert read_entry(job).request.created == 0


@pytest.mark.parametrize("image", ["../../secret", "/etc/passwd", 5, ["a"], "x" * 5000])
def test_an_input_file_with_a_hostile_name_is_not_looked_at(tmp_path, image, monkeypatch):
    job = write_job(tmp_path / "jobs", "a")
    rewrite(job, image=image)
    (tmp_path / "secret").write_bytes(b"x")
    looked_at, lstat = [], os.lstat
    monkeypatch.setattr(os, "lstat", lambda path, **options: looked_at.append(str(path)) or lstat(path, **options))
    assert read_entry(job) is not None
    assert all(path.startswith(str(job.path)) and ".." not in path for path in looked_at)


def test_links_and_pipes_are_not_followed(tmp_path):
    job, outside = write_job(tmp_path / "jobs", "a"), write_job(tmp_path / "outside", "b")
    (tmp_path / "jobs/link").symlink_to(outside.path)
    assert read_entry(JobFolder(tmp_path / "jobs/link")) is None
    job.journal.unlink()
    os.mkfifo(job.journal)
    job.thumbnail.symlink_to(outside.journal)
    entry = read_entry(job)
    assert (entry.end, entry.thumbnail) == ("", None)
    for name in ("request.json", "events.jsonl"):
        (job.path / name).unlink()
        (job.path / name).symlink_to(outside.path / name)
    assert read_entry(job) is None


def test_a_half_copied_folder_has_no_end_yet(tmp_path):
    job = write_job(tmp_path, "a")
    whole = job.journal.read_bytes()
    job.journal.write_bytes(whole[:-20])
    assert read_entry(job).end == ""
    job.journal.unlink()
    assert read_entry(job).end == ""


@pytest.mark.parametrize("name", ["a:b", "con", "trailing.", "\udcff", "x" * 200])
def test_a_folder_with_a_hostile_name_has_no_entry(tmp_path, name):
    write_job(tmp_path, name)
    assert read_entry(JobFolder(tmp_path / name)) is None


def test_bytes_that_are_no_text_in_a_journal_are_passed_over(tmp_path):
    job = write_job(tmp_path, "a")
    with job.journal.open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert read_entry(job).end == "finished"


def test_a_model_with_an_endless_name_is_no_entry(tmp_path):
    job = write_job(tmp_path, "a")
    rewrite(job, model="m" * 1000)
    assert read_entry(job) is None
