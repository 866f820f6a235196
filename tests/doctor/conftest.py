# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from blender_text3d.doctor.context import Context


@pytest.fixture
def bare(tmp_path) -> Context:
    """A machine on which nothing has been set up."""
    data = tmp_path / "data"
    return Context(data_dir=data, jobs_dir=data / "jobs", env_dir=data / "worker-env")
