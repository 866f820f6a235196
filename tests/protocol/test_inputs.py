# SPDX-License-Identifier: GPL-3.0-or-later
"""Input files of a job: which models accept them, and the copies in the job folder."""

from dataclasses import replace

import pytest

from blender_text3d.protocol import create_job as create_job_module
from blender_text3d.protocol import models
from blender_text3d.protocol.create_job import CAPTURES_FOLDER, create_job
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.input_checks import check_inputs
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
    assert job.input_file(own).read_bytes() == b"numbers"
    assert "/" not in own
    assert job.input_file("") is None


def test_a_missing_file_is_named_and_no_job_is_created(tmp_path):
    (request,) = make_requests("a red chair", latent=str(tmp_path / "gone.npz"))
    with pytest.raises(BadRequest, match="gone.npz cannot be read"):
        create_job(tmp_path / "jobs", request)
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_file_too_large_for_an_image_is_refused(tmp_path, latent, monkeypatch):
    monkeypatch.setattr(create_job_module, "MAX_INPUT_BYTES", 3)
    (request,) = make_requests("a red chair", latent=str(latent))
    with pytest.raises(BadRequest, match="more than the limit"):
        create_job(tmp_path / "jobs", request)


def test_a_file_of_20_megabytes_is_copied(tmp_path, latent):
    latent.write_bytes(bytes(20_000_000))
    (request,) = make_requests("a red chair", latent=str(latent))
    job = create_job(tmp_path / "jobs", request)
    assert job.input_file(job.read_request().latent).stat().st_size == 20_000_000


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "missing.npz", ".", "..", "link.npz"])
def test_a_request_cannot_name_a_file_outside_its_job(tmp_path, name):
    job = create_job(tmp_path / "jobs", make_requests("a red chair")[0])
    (tmp_path / "jobs" / "secret").write_text("secret")
    (job.path / "link.npz").symlink_to(tmp_path / "jobs" / "secret")
    with pytest.raises(InvalidJob, match="no file"):
        job.input_file(name)


def test_an_image_model_requires_an_image_and_a_text_model_refuses_one():
    text_model, image_model = MODELS["mini/shap-e"], MODELS["mini/shap-e"]._replace(inputs=("image",), label="P")
    with pytest.raises(BadRequest, match="P needs an image. Choose"):
        check_inputs(image_model, image="", latent="", views=0)
    with pytest.raises(BadRequest, match="does not accept images"):
        check_inputs(text_model._replace(inputs=("text",)), image="a.png", latent="", views=0)
    check_inputs(image_model, image="a.png", latent="", views=0)


def test_only_a_model_with_a_latent_decodes_again_or_renders_views():
    without = MODELS["mini/shap-e"]._replace(has_latent=False)
    for choice in ({"latent": "l.npz", "views": 0}, {"latent": "", "views": 3}):
        with pytest.raises(BadRequest, match="has no latent"):
            check_inputs(without, image="", **choice)


@pytest.mark.parametrize(
    "choice", [{"views": -1}, {"views": 1000}, {"view_mode": "x-ray"}, {"view_size": 4}, {"image": 3}, {"latent": None}]
)
def test_invalid_views_and_inputs_are_refused(choice):
    (request,) = make_requests("a red chair")
    with pytest.raises(BadRequest):
        replace(request, **choice)


def test_the_file_name_of_an_image_replaces_a_missing_prompt(monkeypatch):
    image_model = MODELS["mini/shap-e"]._replace(inputs=("image",))
    monkeypatch.setattr("blender_text3d.protocol.request.MODELS", {**models.MODELS, "mini/shap-e": image_model})
    (request,) = make_requests("  ", image="/somewhere/old chair.png")
    assert request.prompt == "old chair"


def test_only_models_with_a_prior_vary_an_object_and_only_one_that_is_there():
    small, copier = MODELS["mini/shap-e"], MODELS["shap-e/encoder"]
    check_inputs(small, image="", latent="", views=0, object_file="a.glb", vary=0.5)
    check_inputs(small, image="i.png", latent="", views=0, object_file="a.glb", vary=0.5)
    check_inputs(small, image="", latent="l.npz", views=0, vary=0.5)
    with pytest.raises(BadRequest, match="no object to vary. Choose an object file"):
        check_inputs(small, image="", latent="", views=0, vary=0.5)
    with pytest.raises(BadRequest, match="copy of an object takes no image"):
        check_inputs(small, image="i.png", latent="", views=0, object_file="a.glb")
    with pytest.raises(BadRequest, match=r"Shap-E \(Object\) does not vary objects"):
        check_inputs(copier, image="", latent="", views=0, object_file="a.glb", vary=0.5)
    with pytest.raises(BadRequest, match="does not encode objects"):
        check_inputs(MODELS["mini/point-e"], image="", latent="", views=0, object_file="a.glb", vary=0.5)


def test_an_image_model_copies_an_object_without_an_image_and_varies_it_with_one():
    model = MODELS["shap-e/image300M"]
    check_inputs(model, image="", latent="", views=0, object_file="a.glb")
    with pytest.raises(BadRequest, match="needs an image"):
        check_inputs(model, image="", latent="", views=0, object_file="a.glb", vary=0.5)


def test_an_object_is_varied_with_the_steps_of_the_undistilled_weights():
    (copied,), (varied,) = (make_requests("", object="chair.glb", vary=vary) for vary in (0.0, 0.5))
    assert (copied.solver, copied.prompt) == ("distilled", "chair")
    assert (varied.solver, varied.steps) == ("", MODELS["mini/shap-e"].undistilled["standard"].steps)
    with pytest.raises(BadRequest, match="distilled weights do not vary"):
        replace(copied, vary=0.5)


def test_a_captured_object_is_linked_not_copied_and_survives_the_capture(tmp_path):
    capture = tmp_path / CAPTURES_FOLDER / "1" / "chair.npz"
    capture.parent.mkdir(parents=True)
    capture.write_bytes(b"numbers")
    (request,) = make_requests("", object=str(capture))
    job = create_job(tmp_path / "jobs", request)
    own = job.input_file(job.read_request().object)
    assert own.samefile(capture)
    capture.unlink()
    assert own.read_bytes() == b"numbers"


def test_where_links_are_impossible_a_captured_object_is_copied(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    capture = tmp_path / CAPTURES_FOLDER / "1" / "chair.npz"
    capture.parent.mkdir(parents=True)
    capture.write_bytes(b"numbers")
    job = create_job(tmp_path / "jobs", make_requests("", object=str(capture))[0])
    assert job.input_file(job.read_request().object).read_bytes() == b"numbers"
