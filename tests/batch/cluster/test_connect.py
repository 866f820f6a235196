# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters that cannot be used: one clear sentence within a bounded time."""

import socket

import pytest

from blender_text3d.batch.cluster import connect
from blender_text3d.batch.cluster.connect import connected, require_answer
from blender_text3d.batch.cluster.errors import NoCluster

pytestmark = pytest.mark.slow
OTHER_VERSION = "import ray; ray.__version__ = '2.59.0'; "


def test_a_cluster_that_answers_is_accepted(head):
    require_answer(head)


def test_a_wrong_token_is_told(head, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_TOKEN", "0" * 64)
    with pytest.raises(NoCluster, match=r"at 127.0.0.1:\d+ does not accept the token\. Set RAY_AUTH_TOKEN or"):
        require_answer(head)


def test_a_missing_token_is_told(head, monkeypatch, tmp_path):
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NoCluster, match=r"needs a token\. Set RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to that of"):
        require_answer(head)


def test_another_version_of_ray_is_told(head, monkeypatch):
    monkeypatch.setattr(connect, "PROBE", OTHER_VERSION + connect.PROBE)
    with pytest.raises(NoCluster, match=r"needs Ray 2\.60\.0 and the same Python .* Ray: 2\.60\.0 .* Ray: 2\.59\.0"):
        require_answer(head)


def test_an_address_that_nobody_answers_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"  # taken, and nobody listens
        with pytest.raises(NoCluster, match=rf"The cluster at {address} does not answer\. Start Ray there"):
            require_answer(address)


def test_a_cluster_that_says_nothing_is_given_up_after_a_while(monkeypatch):
    monkeypatch.setattr(connect, "MAX_WAIT_S", 2.0)
    monkeypatch.setattr(connect, "PROBE", "import time; time.sleep(600)")
    with pytest.raises(NoCluster, match=r"did not answer within 2 seconds\. Check the address"):
        require_answer("127.0.0.1:1")


def test_an_address_of_ray_client_is_refused():
    with pytest.raises(NoCluster, match="is an address of Ray Client"), connected("ray://127.0.0.1:10001"):
        pass
