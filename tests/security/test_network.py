# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing leaves the machine: the sockets of complete runs, and the system's counters.

A manual third check requires strace: `strace -f -e trace=network python -m tests.security.watched_run FOLDER`.
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
CONNECT_ATTEMPTS = """
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
    """Return True if this system allows a separate network namespace."""
    return bool(shutil.which("unshare")) and not subprocess.run([*UNSHARE, "true"], capture_output=True).returncode


def output_of(*arguments: str, network: list[str]) -> str:
    command = [*network, sys.executable, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict:
    """The report of a run of two jobs, in a network namespace without a route if possible."""
    folder = tmp_path_factory.mktemp("watched")
    return json.loads(
        output_of("-m", "tests.security.watched_run", str(folder), network=UNSHARE if can_unshare() else [])
    )


@pytest.mark.parametrize("name", ["recorded", "live"])
def test_a_job_finishes_with_mesh_cloud_and_recording_without_a_network(report, name):
    assert json.loads(report[name]["last"])["kind"] == "finished", report[name]
    assert {"mesh.npz", "cloud.npz", "job.rrd"} <= set(report[name]["files"])


def test_a_job_without_a_live_view_has_no_socket_at_all(report):
    assert report["recorded"]["sockets"] == report["recorded"]["audit"] == []


def test_a_live_view_is_one_local_port_and_its_data_source(report):
    live = report["live"]["sockets"]
    (port,) = {own for state, own, _ in live if state == "LISTEN"}
    assert port.startswith("127.0.0.1:")
    addresses = {address for _, own, other in live for address in (own, other) if address}
    assert all(address.startswith("127.0.0.1:") for address in addresses)
    assert report["live"]["counters"]["Tcp PassiveOpens"] > 0  # it received data, possibly between two polls
    assert all(port in (own, other) for _, own, other in live)


def test_pythons_audit_events_agree(report):
    port = next(own for state, own, _ in report["live"]["sockets"] if state == "LISTEN").rpartition(":")[2]
    assert set(report["live"]["audit"]) == {
        "socket.bind [('127.0.0.1', 0)]",
        f"socket.getaddrinfo ['127.0.0.1', {port}, 0, 1, 0]",
        f"socket.connect [('127.0.0.1', {port})]",
    }


@pytest.mark.skipif(not can_unshare(), reason="this system allows no network namespaces")
def test_the_system_counts_no_packets_and_no_send_attempts(report):
    assert report["is_isolated"]
    assert set(report["recorded"]["counters"].values()) == {0}
    assert {
        name: count for name, count in report["live"]["counters"].items() if "NoRoutes" in name or "Udp" in name
    } == (
        dict.fromkeys([name for names in COUNTED.values() for name in names if "NoRoutes" in name or "Udp" in name], 0)
    )


@pytest.mark.skipif(not can_unshare(), reason="this system allows no network namespaces")
def test_the_system_counts_a_send_attempt():
    assert {"Ip OutNoRoutes", "Ip6OutNoRoutes"} <= set(
        output_of("-c", CONNECT_ATTEMPTS, network=UNSHARE).strip().split(",")
    )
