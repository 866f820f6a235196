# SPDX-License-Identifier: GPL-3.0-or-later
"""The official packages as models: the errors if they, or their weights, are missing."""

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
def test_missing_official_packages_are_named_with_the_command_to_install_them(name, monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda _name: None)
    with pytest.raises(installed.ReferenceMissing, match=r"clip are not installed; install them with.*-m pip install"):
        Engine().load(name, "cpu")


@pytest.mark.parametrize("name", REFERENCE)
def test_missing_weights_are_named(name, monkeypatch, tmp_path):
    monkeypatch.setattr(installed, "find_spec", lambda name: name)
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path))
    with pytest.raises(MissingWeights, match="clip/ViT-L-14"):
        Engine().load(name, "cpu")


@pytest.mark.parametrize("name", REFERENCE)
def test_the_label_names_official_code_that_may_not_be_installed(name):
    assert KNOWN[name].label.endswith("Reference)")


def test_the_worker_maps_the_missing_package_error():
    assert installed.ReferenceMissing.__name__ in ENGINE_ERRORS


def test_the_requirements_file_pins_every_source_and_needs_no_git():
    lines = [line for line in installed.REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    sources = [line for line in lines if " @ " in line]
    assert len(sources) == 3
    assert all(line.partition(" @ ")[2].startswith("https://") and line.endswith(".zip") for line in sources)
    assert all("==" in line for line in lines if line not in sources)


def test_importing_the_engine_imports_no_official_package():
    code = (
        "import sys, blender_text3d.engine.model_registry; "
        "sys.exit(' '.join({'point_e', 'shap_e', 'clip', 'torchvision'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stderr.strip() == ""


def test_the_torchvision_stub_is_removed_afterwards_and_cannot_be_used(monkeypatch):
    monkeypatch.setattr("blender_text3d.engine.reference.torchvision_stub.find_spec", lambda _name: None)
    before = sys.modules.get("torchvision")
    with torchvision_for_import():
        from torchvision.transforms import Compose
    assert sys.modules.get("torchvision") is before
    with pytest.raises(ImportError, match="install torchvision"):
        Compose([])
