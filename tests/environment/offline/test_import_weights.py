# SPDX-License-Identifier: GPL-3.0-or-later
"""The import of a kit's weights with the environment's own Python."""

from pathlib import Path

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.offline.kit import NOTHING_TO_IMPORT, import_weights
from blender_text3d.environment.paths import worker_python


@pytest.fixture
def env_dir(tmp_path):
    """An environment whose Python prints its arguments, the data folder and TEXT_TO_PRINT."""
    env_dir = tmp_path / "data" / "env"
    env_dir.mkdir(parents=True)
    write_manifest(env_dir, Manifest("ready", "x", "y", "1"))
    worker_python(env_dir).parent.mkdir(parents=True)
    worker_python(env_dir).write_text('#!/bin/sh\necho "$@ $BLENDER_TEXT3D_HOME"\necho "$TEXT_TO_PRINT"\nexit $CODE\n')
    worker_python(env_dir).chmod(0o755)
    return env_dir


def test_a_kits_weights_are_imported_into_the_data_folder_of_the_environment(env_dir, tmp_path, report, monkeypatch):
    monkeypatch.setenv("CODE", "0")
    import_weights(env_dir, tmp_path / "kit", report)
    log = env_dir.with_name("env.setup.log").read_text()
    assert f"engine.weights import {tmp_path / 'kit'} {env_dir.parent}" in log
    monkeypatch.setenv("CODE", "1")
    monkeypatch.setenv("TEXT_TO_PRINT", f"It {NOTHING_TO_IMPORT}.")
    import_weights(env_dir, tmp_path / "kit", report)
    monkeypatch.setenv("TEXT_TO_PRINT", "The disk is full.")
    with pytest.raises(
        SetupFailed, match="environment is ready, but the models' weights in .* were not imported.*disk is full"
    ):
        import_weights(env_dir, tmp_path / "kit", report)


def test_the_weights_command_line_prints_the_message_that_an_import_ignores():
    assert NOTHING_TO_IMPORT in Path("blender_text3d/engine/weights/cli.py").read_text(encoding="utf-8")


def test_a_failed_import_tells_where_the_weights_are_and_that_the_environment_works(
    env_dir, tmp_path, report, news, monkeypatch
):
    monkeypatch.setenv("CODE", "1")
    monkeypatch.setenv("TEXT_TO_PRINT", "The disk is full.")
    with pytest.raises(SetupFailed) as caught:
        import_weights(env_dir, tmp_path / "kit", report)
    assert caught.value.problem.message == (
        f"The environment is ready, but the models' weights in {tmp_path / 'kit'} were not imported. The disk is full."
    )
    assert caught.value.problem.fix == "Import them from that folder again."
    assert news == [("Importing the models' weights", 0.99)]
    assert f"$ {worker_python(env_dir)} -B -P -c" in env_dir.with_name("env.setup.log").read_text()
