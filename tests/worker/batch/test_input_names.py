# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages name the user's files, and a prompt beside an image is told to have no effect."""

import pytest

from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Failed, Notice
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.batch.batch_job import BatchJob
from blender_text3d.worker.batch.run_jobs import unused_prompt_notice


class BadImage(Exception):
    """As the engine's, which is known by its name."""


@pytest.fixture
def image_job(tmp_path, worker_state):
    """Return a function: prompt -> a job from the image "my mug.heic"."""

    def make(prompt, name="my mug.heic", **choices):
        (tmp_path / name).write_bytes(b"pixels")
        (request,) = make_requests(prompt, image=str(tmp_path / name), **choices)
        job = BatchJob(create_job(tmp_path / "jobs", request), worker_state.eta)
        job.request = job.folder.read_request()
        return job

    return make


def test_notices_and_errors_name_the_users_file(image_job):
    job = image_job("")
    assert job.request.image == "input_image.heic"
    job.notice("input_image.heic is an animation.")
    job.fail(BadImage("input_image.heic is not a PNG."))
    notice, failed = job.folder.events()[1:]
    assert (type(notice), notice.message) == (Notice, "my mug.heic is an animation.")
    assert (type(failed), failed.message) == (Failed, "my mug.heic is not a PNG.")


def test_a_job_that_fails_before_its_request_is_read_has_its_message(image_job):
    job = image_job("")
    del job.request
    job.fail(BadImage("It is broken."))
    assert job.folder.last_event().message == "It is broken."


@pytest.mark.parametrize("prompt", ["", "my mug"])
def test_without_a_prompt_of_its_own_an_image_needs_no_notice(image_job, prompt):
    assert unused_prompt_notice(image_job(prompt)) == ""


@pytest.mark.parametrize("model", ["mini/shap-e", "shap-e/image300M"])
def test_a_prompt_beside_an_image_is_told_to_have_no_effect(image_job, model):
    assert unused_prompt_notice(image_job("a blue chair", model=model)) == (
        'The image decides what is made; the prompt "a blue chair" only names it. For the prompt, leave the image out.'
    )


def test_a_prompt_without_an_image_needs_no_notice(new_job, worker_state):
    job = BatchJob(new_job("a blue chair"), worker_state.eta)
    job.request = job.folder.read_request()
    assert unused_prompt_notice(job) == ""
