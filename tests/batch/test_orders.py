# SPDX-License-Identifier: GPL-3.0-or-later
"""IDs of objects: the hash of what they depend on, and of nothing else."""

from dataclasses import replace

import pytest

from blender_text3d.batch import weights_identity
from blender_text3d.batch.orders import object_id
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


def test_a_request_that_was_stored_has_the_same_id(request_of):
    request = request_of()
    assert object_id(type(request).from_json(request.to_json())) == object_id(replace(request, device="cpu"))
