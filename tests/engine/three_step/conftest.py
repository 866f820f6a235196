# SPDX-License-Identifier: GPL-3.0-or-later
"""Two saved pipelines, made once."""

import shutil

import pytest

from tests.engine.three_step.tiny_pipelines import save_flow_pipeline, save_unet_pipeline


@pytest.fixture(scope="session")
def unet_folder(tmp_path_factory):
    return save_unet_pipeline(tmp_path_factory.mktemp("pipelines") / "unet")


@pytest.fixture(scope="session")
def flow_folder(tmp_path_factory):
    return save_flow_pipeline(tmp_path_factory.mktemp("pipelines") / "flow")


@pytest.fixture
def copied_folder(unet_folder, tmp_path):
    """A copy of the UNet pipeline to change."""
    return shutil.copytree(unet_folder, tmp_path / "copied")
