# SPDX-License-Identifier: GPL-3.0-or-later
"""Several jobs as one batch, with the scripted engine: each folder is the same as if its job had run alone."""

import json

import numpy as np
import pytest

from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.events import TERMINAL, Progress
from blender_text3d.worker.batch import run_jobs
from blender_text3d.worker.batch.run_jobs import job_steps
from blender_text3d.worker.commands import Offer, commands_from
from blender_text3d.worker.loop import run_offer


@pytest.fixture
def run_together(new_job, worker_state):
    """Return a function that runs one job for each prompt as one batch and returns their folders."""

    def do(*prompts, at_once=8, **choices):
        jobs = [new_job(prompt, seed=seed, **choices) for seed, prompt in enumerate(prompts, start=1)]
        run_offer(Offer(tuple(jobs), at_once=at_once), worker_state)
        return jobs

    return do


@pytest.fixture
def interrupt_at(worker_state, monkeypatch):
    """Return a function that arranges for an action, once the first job of a batch has reported a step of a stage."""

    def act(stage, index, action):
        def interrupted(jobs, *rest):
            todo = [action]
            for pause in job_steps(jobs, *rest):
                last = jobs[0].folder.last_event()
                if todo and (getattr(last, "stage", ""), getattr(last, "index", -1)) == (stage, index):
                    todo.pop()()
                yield pause

        monkeypatch.setattr(run_jobs, "job_steps", interrupted)

    return act


def ends(jobs):
    return [job.last_event().kind for job in jobs]


def samples(job):
    return [event.index for event in job.events() if isinstance(event, Progress) and event.stage == "sample"]


def notices(job):
    return [event.message for event in job.events() if event.kind == "notice"]


def test_compatible_jobs_run_as_one_batch_and_each_folder_is_complete(run_together, worker_state):
    jobs = run_together("a red chair", "a flying car", "a blue mug", steps=3, outputs="both")
    assert worker_state.engine().batches == [["a red chair", "a flying car", "a blue mug"]]
    for seed, job in enumerate(jobs, start=1):
        kinds = [event.kind for event in job.events() if event.kind not in ("stepped", "notice")]
        assert kinds == ["queued", "started", "made", "finished"]
        assert samples(job) == [0, 1, 2, 3]
        assert [job.journal.read_text().count(f'"kind": "{kind.kind}"') for kind in TERMINAL] == [1, 0, 0]
        assert all((job.path / file).stat().st_size for file in job.last_event().files.values())
        assert len(load_geometry(job.preview).points) == 4
        with np.load(job.latent, allow_pickle=False) as arrays:
            assert set(arrays["latent"]) == {seed}
    assert [len(notices(job)) for job in jobs] == [0, 1, 0]


def test_a_batch_is_as_large_as_requested_and_the_rest_stays_queued(run_together, worker_state):
    jobs = run_together("one", "two", "three", at_once=2)
    assert ends(jobs) == ["finished", "finished", "queued"]
    assert jobs[2].claimed_by() is None


def test_on_a_cpu_the_default_batch_is_one_job_and_that_of_few_steps_is_larger(run_together):
    assert ends(run_together("one", "two", at_once=None, steps=12)) == ["finished", "queued"]
    assert ends(run_together("one", "two", at_once=None, steps=5)) == ["finished", "finished"]


@pytest.mark.parametrize("other", [{"steps": 5}, {"guidance": 3.0}, {"quality": "exact"}, {"device": "cpu"}])
def test_a_job_with_other_settings_waits_for_its_own_turn(new_job, worker_state, other):
    jobs = [new_job("one"), new_job("two", **other), new_job("three")]
    run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    assert ends(jobs) == ["finished", "queued", "finished"]


def test_a_claimed_or_invalid_job_does_not_block_the_others(new_job, worker_state):
    claimed, first, broken, last = [new_job(word) for word in ("one", "two", "three", "four")]
    claimed.claim()
    broken.request.write_text("{")
    run_offer(Offer((claimed, first, broken, last), at_once=8), worker_state)
    assert ends((claimed, first, broken, last)) == ["queued", "finished", "queued", "finished"]
    assert broken.claimed_by() is None


@pytest.mark.parametrize("which", [0, 1])
def test_a_cancel_ends_one_job_within_a_step_and_the_others_finish(new_job, worker_state, interrupt_at, which):
    jobs = [new_job(word, steps=9) for word in ("one", "two", "three")]
    interrupt_at("sample", 3, lambda: jobs[which].request_cancel())
    run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    cancelled = jobs.pop(which)
    assert (cancelled.last_event().kind, cancelled.last_event().stage) == ("cancelled", "sample")
    assert cancelled.last_event().index == samples(cancelled)[-1] in (2, 3)
    assert not cancelled.mesh.exists()
    assert ends(jobs) == ["finished", "finished"]
    assert worker_state.engine().batches == [["one", "two", "three"]]


def test_when_all_are_cancelled_the_engine_stops(new_job, worker_state, interrupt_at):
    jobs = [new_job(word, steps=9) for word in ("one", "two")]
    interrupt_at("sample", 3, lambda: [job.request_cancel() for job in jobs])
    run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    assert ends(jobs) == ["cancelled", "cancelled"]
    assert max(map(max, map(samples, jobs))) == 3


@pytest.mark.parametrize("stage", ["start", "sample", "mesh"])
def test_an_error_in_one_job_fails_that_job_alone(run_together, stage):
    jobs = run_together("one", f"crash-in-{stage}", "three", "four")
    assert ends(jobs) == ["finished", "failed", "finished", "finished"]
    assert f"broken {stage}" in jobs[1].last_event().message
    assert any("made at once" in notice and "2 at a time" in notice for notice in notices(jobs[1]))


def test_a_finished_job_is_not_run_again_after_an_error_in_another(run_together, worker_state):
    jobs = run_together("one", "two", "crash-in-mesh", "four")
    assert ends(jobs) == ["finished", "finished", "failed", "finished"]
    assert worker_state.engine().batches == [["one", "two", "crash-in-mesh", "four"], ["crash-in-mesh"], ["four"]]


def test_an_empty_object_fails_alone_and_nothing_is_run_again(run_together, worker_state):
    jobs = run_together("one", "empty", "three")
    assert ends(jobs) == ["finished", "failed", "finished"]
    assert jobs[1].last_event().reason == "nothing_made"
    assert len(worker_state.engine().batches) == 1


def test_a_file_that_cannot_be_written_fails_its_job_alone(new_job, worker_state):
    jobs = [new_job(word) for word in ("one", "two", "three")]
    (jobs[1].path / "latent.npz.part").symlink_to("/dev/full")
    run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    assert ends(jobs) == ["finished", "failed", "finished"]
    assert jobs[1].last_event().reason == "disk_full"


def test_a_removed_folder_ends_its_job_alone(new_job, worker_state, interrupt_at):
    jobs = [new_job(word) for word in ("one", "two", "three")]
    interrupt_at("sample", 2, lambda: jobs[1].path.rename(jobs[1].path.with_name(".gone")))
    with pytest.raises(FileNotFoundError):  # the worker exits, and the client reports the missing folder
        run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    assert ends((jobs[0], jobs[2])) == ["finished", "finished"]


def test_too_little_memory_halves_the_batch_until_it_fits_with_a_notice(run_together, worker_state):
    jobs = run_together("fits-2", "two", "three", "four", "five")
    assert ends(jobs) == ["finished"] * 5
    assert list(map(len, worker_state.engine().batches)) == [5, 2, 2, 1]
    (sentence,) = notices(jobs[4])
    assert sentence == "There is not enough memory for 5 objects at once. They are made again, 2 at a time."


def test_a_batch_size_that_did_not_fit_is_not_tried_again(run_together, worker_state):
    run_together("fits-2", "two", "three", "four")
    worker_state.engine().batches.clear()
    assert ends(run_together("fits-2", "two", "three", "four")) == ["finished", "finished", "queued", "queued"]
    assert list(map(len, worker_state.engine().batches)) == [2]


def test_too_little_memory_for_one_object_fails_it(run_together):
    jobs = run_together("oom-gpu", "two")
    assert ends(jobs) == ["failed", "finished"]
    assert jobs[0].last_event().reason == "out_of_memory"


def test_the_output_of_a_batch_is_in_the_log_of_each_job(run_together):
    for job in run_together("loud", "two", steps=1):
        assert job.log.read_text().count("descriptor 1 says hello") == 1


def test_a_latent_that_is_decoded_again_runs_alone(new_job, worker_state, tmp_path):
    np.savez(tmp_path / "latent.npz", latent=np.zeros(8, np.float32))
    jobs = [new_job("one", latent=str(tmp_path / "latent.npz")) for _ in range(2)]
    run_offer(Offer(tuple(jobs), at_once=8), worker_state)
    assert ends(jobs) == ["finished", "queued"]


def test_a_line_names_one_folder_or_several_and_the_batch_size():
    lines = ['{"do": "a"}', '{"do": ["a", "b"]}', '{"do": ["a", "b"], "at_once": 2}']
    shapes = [(tuple(map(str, (job.path for job in offer.jobs))), offer.at_once) for offer in commands_from(lines)]
    assert shapes == [(("a",), None), (("a", "b"), None), (("a", "b"), 2)]


@pytest.mark.parametrize("values", [{"do": []}, {"do": [None]}, {"do": "a", "at_once": "many"}, {"do": {}}])
def test_an_invalid_line_is_reported_and_skipped(values, capsys):
    assert list(commands_from([json.dumps(values)])) == []
    assert "names no job folder" in capsys.readouterr().err
