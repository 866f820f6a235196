# SPDX-License-Identifier: GPL-3.0-or-later
"""Run two jobs of a real worker, the second with a live view, and print all network activity of its processes as JSON.

    python -m tests.security.watched_run FOLDER
    unshare -rn python -m tests.security.watched_run FOLDER       in a network namespace without a route

Sockets are polled in /proc while the jobs run; calls of Python are recorded by audit events. In a network namespace the
system's counters also include short connections, and those opened by Rust or C code.
"""

import fcntl
import json
import os
import shlex
import socket
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from blender_text3d.client.session import Session
from blender_text3d.protocol.events import TERMINAL
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun.viewer import viewer_executable

TIMEOUT_S = 240
COUNTED = {
    "snmp": ("Ip OutRequests", "Ip OutNoRoutes", "Tcp ActiveOpens", "Tcp PassiveOpens", "Udp OutDatagrams"),
    "snmp6": ("Ip6OutRequests", "Ip6OutNoRoutes", "Udp6OutDatagrams"),
}
WORKER = """#!{python}
import os, runpy, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
from blender_text3d.worker.rerun import viewer as rerun_viewer
rerun_viewer.viewer_executable = lambda: Path({viewer!r})
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""


def main(folder: Path) -> None:
    is_isolated = not any(Path("/proc/net").joinpath("route").read_text().splitlines()[1:])
    session = Session(folder / "jobs", worker_program(folder))
    report = {"is_isolated": is_isolated}
    if is_isolated:
        raise_loopback()
    try:
        for name, viewer in (("recorded", ""), ("live", "spawn")):
            report[name] = run_job(session, viewer, folder / "audit")
    finally:
        session.close()
        for process in worker_processes():
            process.kill()
    print(json.dumps(report))


def worker_program(folder: Path) -> Path:
    """Write a Python for the worker that records audit events and starts a viewer without a window."""
    viewer, python = folder / "viewer", folder / "python"
    viewer.write_text(f'#!/bin/sh\nexec {shlex.quote(str(viewer_executable()))} --serve-grpc "$@"\n')
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(Path(__file__).with_name("audit")))} exec "$0.py" "$@"\n'
    )
    (folder / "python.py").write_text(WORKER.format(python=sys.executable, viewer=str(viewer)))
    for program in (viewer, python, folder / "python.py"):
        program.chmod(0o755)
    return python


def run_job(session: Session, viewer: str, audit: Path) -> dict:
    """Run a small job until it ends and its viewer has received all data."""
    before, seen, last = counters(), set(), None
    audit.write_text("")
    os.environ |= {"TEXT3D_AUDIT": str(audit), "DISPLAY": ":0"}
    (job,) = session.submit(make_requests("a red chair", seed=5, steps=4, grid=24, outputs="both", viewer=viewer))
    end = time.monotonic() + TIMEOUT_S
    while last is None and time.monotonic() < end:
        last = next((event for _, event in session.poll() if isinstance(event, TERMINAL)), None)
        seen |= set(sockets())
        time.sleep(0.005)
    if viewer:
        session.close()
        while (
            any("relay" in argument for process in worker_processes() for argument in command(process))
            and time.monotonic() < end
        ):
            seen |= set(sockets())
            time.sleep(0.005)
    seen |= set(sockets())
    after = counters()
    return {
        "last": last.to_json() if last else "",
        "files": sorted(path.name for path in job.path.iterdir()),
        "sockets": sorted(seen),
        "audit": audit.read_text().splitlines(),
        "counters": {name: after[name] - before[name] for name in after},
    }


def worker_processes() -> list[psutil.Process]:
    """Return the worker and its descendants, including reparented ones."""
    mark = str(Path(__file__).with_name("audit"))
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and has_mark(process, mark)]


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def has_mark(process: psutil.Process, mark: str) -> bool:
    try:
        return mark in process.environ().get("PYTHONPATH", "")
    except psutil.Error:
        return False


def sockets() -> Iterator[tuple[str, str, str]]:
    """Yield (state, own address, remote address) of every internet socket of the worker's processes."""
    for process in worker_processes():
        try:
            for found in process.net_connections(kind="inet"):
                yield found.status, *(":".join(map(str, end)) for end in (found.laddr, found.raddr))
        except psutil.Error:
            continue


def counters() -> dict[str, int]:
    """Return the system's network counters; in a network namespace, those of this run alone."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    pairs = zip(rows[::2], rows[1::2], strict=True)
    counts = {
        f"{names[0][:-1]} {name}": value for names, values in pairs for name, value in zip(names, values, strict=False)
    }
    snmp6 = Path("/proc/net/snmp6")
    counts |= dict(line.split() for line in snmp6.read_text().splitlines()) if snmp6.exists() else {}
    return {name: int(counts[name]) for names in COUNTED.values() for name in names if name in counts}


def raise_loopback() -> None:
    """Bring up the loopback device of this network namespace. Source: netdevice(7), SIOCSIFFLAGS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
