# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a job starts from: who takes them, and that the job keeps copies of its own."""

from dataclasses import replace

import pytest

from blender_text3d.protocol import inputs, models
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.inputs import check_inputs
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import make_requests


@pytest.fixture
def latent(tmp_path):
    path = tmp_path / "some" / "latent.npz"
    path.parent.mkdir()
    path.write_bytes(b"numbers")
    return path


def test_the_job_has_its_own_copy_of_a_latent(tmp_path, latent):
    (request,) = make_requests("a red chair", latent=str(latent))
    job = create_job(tmp_path / "jobs", request)
    latent.unlink()
    own = job.read_request().latent
    assert job.input_file(own).read_bytes() == b"numbers" and "/" not in own
    assert job.input_file("") is None


def test_a_file_that_is_not_there_is_named_and_leaves_no_job(tmp_path):
    (request,) = make_requests("a red chair", latent=str(tmp_path / "gone.npz"))
    with pytest.raises(BadRequest, match="gone.npz cannot be read"):
        create_job(tmp_path / "jobs", request)
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_file_too_large_to_be_a_picture_is_refused(tmp_path, latent, monkeypatch):
    monkeypatch.setattr(inputs, "MAX_BYTES", 3)
    (request,) = make_requests("a red chair", latent=str(latent))
    with pytest.raises(BadRequest, match="are the most"):
        create_job(tmp_path / "jobs", request)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "missing.npz", ".", "..", "link.npz"])
def test_a_request_names_no_file_outside_its_job(tmp_path, name):
    job = create_job(tmp_path / "jobs", make_requests("a red chair")[0])
    (tmp_path / "jobs" / "secret").write_text("secret")
    (job.path / "link.npz").symlink_to(tmp_path / "jobs" / "secret")
    with pytest.raises(InvalidJob, match="no file"):
        job.input_file(name)


def test_a_model_of_images_asks_for_one_and_a_model_of_words_refuses_one():
    words, pictures = MODELS["mini/shap-e"], replace(MODELS["mini/shap-e"], inputs=("image",), label="P")
    with pytest.raises(BadRequest, match="P makes objects of images. Choose"):
        check_inputs(pictures, image="", latent="", views=0)
    with pytest.raises(BadRequest, match="makes objects of text, not of images"):
        check_inputs(replace(words, inputs=("text",)), image="a.png", latent="", views=0)
    check_inputs(pictures, image="a.png", latent="", views=0)


def test_only_a_model_with_a_latent_decodes_again_or_renders_views():
    without = replace(MODELS["mini/shap-e"], has_latent=False)
    for asked in ({"latent": "l.npz", "views": 0}, {"latent": "", "views": 3}):
        with pytest.raises(BadRequest, match="keeps no latent"):
            check_inputs(without, image="", **asked)


@pytest.mark.parametrize(
    "asked", [{"views": -1}, {"views": 1000}, {"view_mode": "x-ray"}, {"view_size": 4}, {"image": 3}, {"latent": None}]
)
def test_what_cannot_be_rendered_or_read_is_refused_in_words(asked):
    (request,) = make_requests("a red chair")
    with pytest.raises(BadRequest):
        replace(request, **asked)


def test_an_images_name_stands_in_for_a_missing_prompt(monkeypatch):
    pictures = replace(MODELS["mini/shap-e"], inputs=("image",))
    monkeypatch.setattr("blender_text3d.protocol.request.MODELS", {**models.MODELS, "mini/shap-e": pictures})
    (request,) = make_requests("  ", image="/somewhere/old chair.png")
    assert request.prompt == "old chair"
