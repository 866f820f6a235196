# SPDX-License-Identifier: GPL-3.0-or-later
"""IDs of objects: the hash of what they depend on, and of nothing else."""

from dataclasses import replace

import pytest

from blender_text3d.batch import weights_identity
from blender_text3d.batch.orders import object_id
from blender_text3d.engine.mini.files import FOLDER
from blender_text3d.protocol.request import make_requests
from blender_text3d.system.untrusted_files import is_plain_name


@pytest.fixture
def request_of(tmp_path):
    def make(**choices):
        return make_requests("a red chair", **{"seed": 3, **choices})[0]

    return make


def test_ids_are_names_of_files_and_keys_of_samples(request_of):
    name = object_id(request_of())
    assert is_plain_name(name)
    assert "." not in name


@pytest.mark.parametrize(
    "choices", [{"seed": 4}, {"size_m": 2.0}, {"quality": "draft"}, {"rotation_deg": 90}, {"face_budget": "500"}]
)
def test_another_setting_gives_another_id(request_of, choices):
    assert object_id(request_of(**choices)) != object_id(request_of())


@pytest.mark.parametrize("choices", [{"device": "cpu"}, {"keep_steps": "never"}, {"max_faces": 9}, {"is_flat": True}])
def test_settings_that_change_no_file_do_not_change_the_id(request_of, choices):
    assert object_id(request_of(**choices)) == object_id(request_of())


def test_an_image_counts_by_its_content(request_of, tmp_path):
    for name, content in (("a.png", b"1"), ("b.png", b"1"), ("c.png", b"2")):
        (tmp_path / name).write_bytes(content)
    model = "point-e/base40M"
    first, copy, other = (object_id(request_of(model=model, image=str(tmp_path / f"{name}.png"))) for name in "abc")
    assert first == copy
    assert first != other


def test_other_weights_give_another_id(request_of, tmp_path, monkeypatch):
    before = object_id(request_of())
    (tmp_path / "own.safetensors").write_bytes(b"others")
    monkeypatch.setitem(weights_identity.MINI_FILES, "mini/shap-e", (tmp_path / "own.safetensors",))
    assert object_id(request_of()) != before


SUFFIXES = (".safetensors", ".json")
WORDS, SHAP_E = ("words.safetensors", "vocabulary.json"), ("shap_e.safetensors", "shap_e_distilled.safetensors")


@pytest.mark.parametrize(
    ("model", "files"),
    [
        ("mini/shap-e", {*WORDS, *SHAP_E}),
        ("mini/point-e", {*WORDS, "point_e.safetensors", "point_e_distilled.safetensors"}),
        ("mini/three-step", {*WORDS, *SHAP_E, "glide.safetensors", "image_tower.safetensors"}),
    ],
)
def test_the_files_that_a_small_model_reads_decide_its_ids_and_no_others(request_of, monkeypatch, model, files):
    request, shipped = request_of(model=model), [file for file in FOLDER.iterdir() if file.suffix in SUFFIXES]

    def id_with(changed):
        monkeypatch.setattr(weights_identity, "file_sha256", lambda file: f"{file.name} {file == changed}")
        return object_id(request)

    assert {file.name for file in shipped if id_with(file) != id_with(None)} == files


def test_a_request_that_was_stored_has_the_same_id(request_of):
    request = request_of()
    assert object_id(type(request).from_json(request.to_json())) == object_id(replace(request, device="cpu"))
