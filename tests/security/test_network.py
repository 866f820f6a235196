# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing leaves the machine: the sockets of whole runs, and what the system counted of them.

By hand there is a third witness, which needs a package more: `strace -f -e trace=network python -m
tests.security.watched_run FOLDER`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.watched_run import COUNTED

REPOSITORY = Path(__file__).parents[2]
UNSHARE = ["unshare", "--map-root-user", "--net"]
TRIES = """
import socket
from tests.security.watched_run import counters, raise_loopback
raise_loopback()
before = counters()
for family, address in ((socket.AF_INET, "198.51.100.7"), (socket.AF_INET6, "2001:db8::7")):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(family, kind).connect((address, 53))
        except OSError:
            pass
after = counters()
print(*[name for name in after if after[name] > before[name]], sep=",")
"""


def can_unshare() -> bool:
    """Whether this system lets us have a network of our own."""
    return bool(shutil.which("unshare")) and not subprocess.run([*UNSHARE, "true"], capture_output=True).returncode


def told_by(*arguments: str, network: list[str]) -> str:
    command = [*network, sys.executable, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    """What a run of two jobs said, in a network that leads nowhere if we may have one."""
    folder = tmp_path_factory.mktemp("watched")
    return json.loads(
        told_by("-m", "tests.security.watched_run", str(folder), network=UNSHARE if can_unshare() else [])
    )


@pytest.mark.parametrize("name", ["recorded", "live"])
def test_a_job_is_done_with_mesh_cloud_and_recording_without_any_network(told, name):
    assert json.loads(told[name]["last"])["kind"] == "finished", told[name]
    assert {"mesh.npz", "cloud.npz", "job.rrd"} <= set(told[name]["files"])


def test_a_job_without_a_live_view_has_no_socket_at_all(told):
    assert told["recorded"]["sockets"] == told["recorded"]["audit"] == []


def test_a_live_view_is_one_port_on_this_machine_and_who_feeds_it(told):
    live = told["live"]["sockets"]
    (port,) = {own for state, own, _ in live if state == "LISTEN"}
    assert port.startswith("127.0.0.1:")
    ends = {end for _, own, other in live for end in (own, other) if end}
    assert all(end.startswith("127.0.0.1:") for end in ends)
    assert told["live"]["counters"]["Tcp PassiveOpens"] > 0  # somebody fed it, maybe between two looks
    assert all(port in (own, other) for _, own, other in live)


def test_pythons_own_word_for_it_is_the_same(told):
    port = next(own for state, own, _ in told["live"]["sockets"] if state == "LISTEN").rpartition(":")[2]
    assert set(told["live"]["audit"]) == {
        "socket.bind [('127.0.0.1', 0)]",
        f"socket.getaddrinfo ['127.0.0.1', {port}, 0, 1, 0]",
        f"socket.connect [('127.0.0.1', {port})]",
    }


@pytest.mark.skipif(not can_unshare(), reason="this system gives nobody a network of their own")
def test_the_system_counted_no_packet_and_no_try_to_send_one(told):
    assert told["alone"] and set(told["recorded"]["counters"].values()) == {0}
    assert {name: count for name, count in told["live"]["counters"].items() if "NoRoutes" in name or "Udp" in name} == (
        dict.fromkeys([name for names in COUNTED.values() for name in names if "NoRoutes" in name or "Udp" in name], 0)
    )


@pytest.mark.skipif(not can_unshare(), reason="this system gives nobody a network of their own")
def test_the_system_would_have_counted_a_try():
    assert {"Ip OutNoRoutes", "Ip6OutNoRoutes"} <= set(told_by("-c", TRIES, network=UNSHARE).strip().split(","))
