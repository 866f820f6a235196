# SPDX-License-Identifier: GPL-3.0-or-later
"""The official packages as models of ours: what is said where they, or their weights, are not here."""

import subprocess
import sys

import pytest

from blender_text3d.engine.generate import Engine
from blender_text3d.engine.model_registry import MODELS
from blender_text3d.engine.reference import installed
from blender_text3d.engine.reference.torchvision_stub import torchvision_for_import
from blender_text3d.engine.weights.errors import MissingWeights
from blender_text3d.protocol.models import MODELS as KNOWN
from blender_text3d.worker.reporting.error_mapping import ENGINE_ERRORS

REFERENCE = [name for name in MODELS if name.startswith("reference/")]


@pytest.mark.parametrize("name", REFERENCE)
def test_without_the_official_packages_one_sentence_says_which_and_how_to_install_them(name, monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda _name: None)
    with pytest.raises(installed.ReferenceMissing, match=r"clip are not installed; install them with.*-m pip install"):
        Engine().load(name, "cpu")


@pytest.mark.parametrize("name", REFERENCE)
def test_with_them_and_without_weights_it_says_what_to_fetch(name, monkeypatch, tmp_path):
    monkeypatch.setattr(installed, "find_spec", lambda name: name)
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    with pytest.raises(MissingWeights, match="clip/ViT-L-14"):
        Engine().load(name, "cpu")


@pytest.mark.parametrize("name", REFERENCE)
def test_the_panel_says_that_it_is_official_code_that_may_not_be_installed(name):
    assert "official code, if installed" in KNOWN[name].label


def test_the_worker_can_tell_the_user_what_is_not_installed():
    assert installed.ReferenceMissing.__name__ in ENGINE_ERRORS


def test_the_file_that_the_sentence_names_pins_every_source_and_needs_no_git():
    lines = [line for line in installed.REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    sources = [line for line in lines if " @ " in line]
    assert len(sources) == 3
    assert all(line.partition(" @ ")[2].startswith("https://") and line.endswith(".zip") for line in sources)
    assert all("==" in line for line in lines if line not in sources)


def test_loading_our_engine_imports_none_of_the_official_packages():
    code = (
        "import sys, blender_text3d.engine.model_registry; "
        "sys.exit(' '.join({'point_e', 'shap_e', 'clip', 'torchvision'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stderr.strip() == ""


def test_the_stand_in_for_torchvision_is_gone_afterwards_and_refuses_to_be_used(monkeypatch):
    monkeypatch.setattr("blender_text3d.engine.reference.torchvision_stub.find_spec", lambda _name: None)
    before = sys.modules.get("torchvision")
    with torchvision_for_import():
        from torchvision.transforms import Compose
    assert sys.modules.get("torchvision") is before
    with pytest.raises(ImportError, match="install torchvision"):
        Compose([])
