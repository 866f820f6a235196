# SPDX-License-Identifier: GPL-3.0-or-later
"""Start Ray on this machine, or connect to a cluster that runs."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import NoCluster
from .ray_library import RAY_VERSION, import_ray
from .socket_folder import socket_folder

LOCAL = ("", "local")
MAX_WAIT_S = 40.0
"""Longest time until a cluster answers; Ray itself retries for minutes."""
CHECK_EVERY_S = 0.2
STORE_BYTES = 80_000_000
"""The least that Ray accepts: objects are written as files, and only their outcomes are sent."""
PACKAGE = Path(__file__).absolute().parents[2]
OPTIONS: dict[str, Any] = {
    "log_to_driver": False,
    "logging_level": "ERROR",
    # Ray sends the package to the nodes: all run the same version, wherever it is, with the small models' weights.
    "runtime_env": {"py_modules": [str(PACKAGE)], "excludes": ["__pycache__"]},
}
PROBE = (
    "import json, ray, sys; ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR'); "
    "print(json.dumps(len(ray.nodes())))"
)
SET_TOKEN = "Set RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to that of the cluster."
REASONS = {
    "InvalidAuthToken": f"does not accept the token. {SET_TOKEN}",
    "no authentication token was found": f"needs a token. {SET_TOKEN}",
    "Failed to connect to GCS": "does not answer. Start Ray there, or omit --address to use this machine alone.",
    "Could not find any running Ray instance": "was not found: Ray is not running here. Start it, or omit --address.",
    "matching local raylet": "does not include this machine. Run here: ray start --address={address}",
}
"""Parts of messages of Ray, and the rest of a sentence that explains each to the user."""
MISMATCH, MISMATCH_LINES = "Version mismatch", 6


@contextmanager
def connected(address: str, cpus: int | None = None) -> Iterator[ModuleType]:
    """Return Ray, connected to a cluster; one on this machine is ended afterwards.

    Args:
        address: The head's address, such as "10.0.0.5:6379", "auto" for that of a cluster which this machine belongs
            to, or LOCAL to start one on this machine.
        cpus: Number of cores of this machine to use; None for all.

    Raises:
        RayMissing, NoCluster: Ray or the cluster cannot be used.
    """
    is_local = address in LOCAL
    ray = import_ray(is_local=is_local)
    try:
        with _local(ray, cpus) if is_local else _existing(ray, address):
            yield ray
    finally:
        ray.shutdown()


@contextmanager
def _local(ray: ModuleType, cpus: int | None) -> Iterator[None]:
    with socket_folder() as folder:
        try:
            ray.init(
                address="local",
                num_cpus=cpus,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
                _temp_dir=str(folder),
                **OPTIONS,
            )
            yield
        finally:
            ray.shutdown()


@contextmanager
def _existing(ray: ModuleType, address: str) -> Iterator[None]:
    if address.startswith("ray://"):
        raise NoCluster(f"{address} is an address of Ray Client. Name the head's own, such as 10.0.0.5:6379.")
    require_answer(address)
    ray.init(address=address, **OPTIONS)
    yield


def require_answer(address: str) -> None:
    """Check in a process of its own that a cluster answers and accepts this machine, for MAX_WAIT_S at most.

    Raises:
        NoCluster: It does not.
    """
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            command = [sys.executable, "-c", PROBE, address]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _wait_for(process, log, address)
        finally:
            process.kill()
            process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", log: Path, address: str) -> None:
    give_up = time.monotonic() + MAX_WAIT_S
    while time.monotonic() < give_up:
        code, text = process.poll(), log.read_text(encoding="utf-8", errors="replace")
        if code == 0 and _has_answer(text):
            return
        if reason := _reason(text, address):
            raise NoCluster(reason)
        if code is not None:
            raise NoCluster(f"The cluster at {address} cannot be used ({_last_line(text)}).")
        time.sleep(CHECK_EVERY_S)
    raise NoCluster(f"The cluster at {address} did not answer within {MAX_WAIT_S:.0f} seconds. Check the address.")


def _has_answer(text: str) -> bool:
    with suppress(ValueError):
        return bool(json.loads(_last_line(text)))
    return False


def _reason(text: str, address: str) -> str:
    if MISMATCH in text:
        versions = " ".join(" ".join(text[text.index(MISMATCH) :].splitlines()[:MISMATCH_LINES]).split())
        return f"The cluster at {address} needs Ray {RAY_VERSION} and the same Python on all machines. {versions}"
    found = next((sentence for sign, sentence in REASONS.items() if sign in text), "")
    return f"The cluster at {address} {found.format(address=address)}" if found else ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"
