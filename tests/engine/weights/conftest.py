# SPDX-License-Identifier: GPL-3.0-or-later
"""A server with faults, a small weights file, and checkpoints that it serves."""

import hashlib
import threading

import pytest
import torch

from blender_text3d.engine.weights.catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download.retry_policy import RetryPolicy
from blender_text3d.engine.weights.loading import load_network
from blender_text3d.engine.weights.store import local_files
from tests.engine.weights.faulty_server import FaultyServer


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HF_ENDPOINT", "BLENDER_TEXT3D_MIRROR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server():
    server = FaultyServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.ending.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def tensors():
    random = torch.Generator().manual_seed(1)
    return {name: torch.randn(120, 100, generator=random) for name in ("a.weight", "b.weight", "c.weight")}


@pytest.fixture(scope="session")
def weights(tensors, tmp_path_factory):
    """The bytes of a torch.save file, about 145 kB."""
    path = tmp_path_factory.mktemp("weights") / "net.pt"
    torch.save(tensors, path)
    return path.read_bytes()


@pytest.fixture
def weights_dir(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def checkpoint_at(weights):
    """Create a checkpoint whose official file is at these URLs, with or without a published hash."""

    def make(*urls, body=weights, is_published=True, layout=OFFICIAL, **facts):
        known = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()} if is_published else {}
        addresses = tuple(Address(url, f"source {number}") for number, url in enumerate(urls, start=1))
        form = CheckpointFile("test/net.pt", layout, addresses, **{"parameter_count": 36_000, **known, **facts})
        return Checkpoint("test/net", "a test", (form,), "MIT", "https://example.org", "None.")

    return make


@pytest.fixture
def quick():
    """Short pauses and an update for every block; no timeout, so that no test depends on the machine's speed."""
    return RetryPolicy(timeout_s=600.0, max_tries=3, pause_s=0.01, update_every_s=0.0)


@pytest.fixture
def in_catalogue(monkeypatch):
    """Replace the catalogue's checkpoints."""

    def put(*checkpoints):
        entries = {entry.name: entry for entry in checkpoints}
        for module in (load_network, local_files):
            monkeypatch.setattr(module, "CHECKPOINTS", entries)

    return put
