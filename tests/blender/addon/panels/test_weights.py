# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers and files of models in panels."""

from dataclasses import replace
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.weights_task import weights_task
from blender_text3d.addon.panels import weights
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.weight_files import Transfer, WeightFile
from tests.blender.recording_layout import RecordingLayout

FILE = WeightFile("shap-e/x", "The decoder", 9_000_000, 0, "", "", ("shap-e/text300M",), "MIT", "https://x", "")


@pytest.fixture
def running(addon, monkeypatch):
    """A function that shows a transfer."""

    def running(transfer, is_running=True):
        monkeypatch.setattr(weights_task, "transfer", transfer)
        monkeypatch.setattr(weights_task, "is_running", lambda: is_running)
        layout = RecordingLayout()
        weights.draw_progress(layout)
        return layout.texts

    return running


@pytest.mark.parametrize(
    ("stage", "label"),
    [
        ("connect", "Connecting"), ("wait", "Waiting for Another Blender"), ("download", "Downloading"),
        ("copy", "Copying"), ("verify", "Verifying"), ("ready", "Ready"), ("removed", "Removed"), ("newer", "newer"),
    ],
)  # fmt: skip
def test_a_transfer_shows_its_amount_its_stage_and_its_rate(running, stage, label):
    transfer = Transfer("Importing", "", {"a": 4_000_000}, {"a": 1_000_000}, stage, "a", bytes_per_s=1e6)
    assert running(transfer) == ["1 MB of 4 MB", "text3d.stop_weights", f"{label} a", "1 MB/s  ·  3 s left"]
    assert running(replace(transfer, name=""))[2] == label


def test_without_a_transfer_nothing_is_drawn(running):
    assert running(None) == []
    assert running(Transfer("Importing"), is_running=False) == []


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ([FILE], ["shap-e/x", "9 MB"]),
        ([FILE, replace(FILE, name="clip/y", received_bytes=2_000_000)],
         ["shap-e/x", "9 MB", "clip/y", "9 MB", "Total", "18 MB", "Downloaded", "2 MB"]),
        ([replace(FILE, received_bytes=2_000_000)], ["shap-e/x", "9 MB", "Downloaded", "2 MB"]),
    ],
)  # fmt: skip
def test_each_file_has_its_size_and_several_have_a_total(files, lines):
    layout = RecordingLayout()
    weights.draw_sizes(layout, files)
    assert layout.texts == lines


def test_each_license_is_named_once():
    assert weights.licenses([FILE, replace(FILE, license="CC"), FILE]) == "MIT, CC"


@pytest.mark.parametrize(
    ("chosen", "lacking", "models"),
    [
        ("mini/shap-e", "", []), ("shap-e/text300M", "", ["shap-e/text300M"]),
        ("shap-e/text300M", "shap-e/text300M", ["shap-e/text300M"]),
        ("point-e/base1B", "shap-e/text300M", ["point-e/base1B", "shap-e/text300M"]),
        ("mini/shap-e", "shap-e/text300M", ["shap-e/text300M"]),
    ],
)  # fmt: skip
def test_the_chosen_model_and_the_one_that_a_job_lacked_are_wanted(clean_state, chosen, lacking, models):
    clean_state.problem = Problem("It is missing.", model=lacking) if lacking else None
    context = SimpleNamespace(scene=SimpleNamespace(text3d=SimpleNamespace(model=chosen)))
    assert weights.wanted_models(context) == models


@pytest.mark.parametrize(
    ("path", "received_bytes", "size"), [("/x", 0, "9 MB"), ("", 2_000_000, "2 MB of 9 MB"), ("/x", 2_000_000, "9 MB")]
)
def test_a_local_file_has_its_size_and_a_button_that_removes_it(addon, path, received_bytes, size):
    layout = RecordingLayout()
    weights.draw_local_file(layout, replace(FILE, path=path, received_bytes=received_bytes))
    assert layout.texts[:2] == ["shap-e/x: The decoder", size]
    assert [(button.identifier, button.values) for button in layout.buttons] == [
        ("TEXT3D_OT_remove_weights", {"name": "shap-e/x"})
    ]


def test_a_license_names_the_family_of_its_files_and_links_its_card(addon):
    for name, family in (("shap-e/x", "Shap-E"), ("clip/x", "CLIP"), ("point-e/x", "Point-E"), ("newer/x", "newer")):
        layout = RecordingLayout()
        weights.draw_card(layout, replace(FILE, name=name, warning="Be careful."), bpy.context)
        assert layout.texts == [f"License: MIT ({family})", "wm.url_open", "Be careful."]
        assert layout.buttons[0].values == {"url": "https://x"}
