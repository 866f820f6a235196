# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet whose cluster has lost this machine, or has no free cores."""

import time
from types import SimpleNamespace

import pytest

from blender_text3d.batch.cluster import run as runs
from blender_text3d.batch.cluster.errors import RunFailed
from blender_text3d.batch.cluster.fleet import Fleet
from blender_text3d.batch.cluster.run import FleetRun
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import Chunk, ChunkOrder
from blender_text3d.protocol.request import make_requests


def ray_of(own, *alive):
    """Ray as a driver on the node `own` sees it."""
    nodes = [{"NodeID": name, "Alive": name in alive, "Resources": {"CPU": 0.0}} for name in ("head", "other")]
    context = SimpleNamespace(get_node_id=lambda: own)
    return SimpleNamespace(nodes=lambda: nodes, get_runtime_context=lambda: context)


def test_a_run_ends_if_ray_has_ended_on_its_machine():
    with pytest.raises(RunFailed, match="Ray has ended on this machine. Start it again"):
        Fleet(ray_of("head", "other"), None).refresh(1)


def test_a_run_goes_on_if_another_machine_has_gone():
    fleet = Fleet(ray_of("head", "head"), None)
    fleet.refresh(1)
    assert fleet.makers == []


def test_waiting_for_free_cores_is_told_once(tmp_path, monkeypatch):
    (request,) = make_requests("a chair", seed=1)
    said = []
    run = FleetRun(
        Chunk([ChunkOrder("0" * 32, request, "line 1")], {}, {}),
        ObjectStore(tmp_path / "out"),
        deadline_s=10,
        batch=0,
        retries_failed=False,
        report=print,
        say=said.append,
    )
    monkeypatch.setattr(runs, "WAIT_S", 0.0)
    fleet = Fleet(ray_of("head", "head"), None)
    run.step(fleet)
    assert said == []
    later = time.monotonic() + 301
    monkeypatch.setattr(time, "monotonic", lambda: later)
    run.step(fleet)
    run.step(fleet)
    assert said == [runs.NOTHING_STARTS]
