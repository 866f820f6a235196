# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all tests of the engine."""

import pytest

from blender_text3d.engine.cuda_graphs import SWITCH
from blender_text3d.engine.cuda_graphs.recording import stream_for_captures


@pytest.fixture(autouse=True)
def _graphs_stay_on():
    """CUDA graphs are on at the start of each test; one that turns them off resets the switch itself."""
    stream_for_captures.cache_clear()  # no kernel of this test ran on the stream of another
    yield
    notice, SWITCH.notice = SWITCH.notice, None
    assert notice is None
