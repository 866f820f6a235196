# SPDX-License-Identifier: GPL-3.0-or-later
"""Number of workers for a machine: one per GPU, else one per group of cores, and fewer if memory is short."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from ..protocol.request import Request

CORES_OF_SMALL, CORES_OF_LARGE = 1, 8
"""Cores of a worker. The small models gain nothing from a second thread; the networks of the large ones keep some cores
busy, and each worker holds all weights."""
BYTES_OF_SMALL, BYTES_OF_LARGE = 700 * 2**20, 4 * 2**30
"""Memory of a worker and the process that writes its objects."""
OBJECTS_PER_WORKER, OBJECTS_PER_FORK = 4, 2
"""Fewer objects are made sooner than another worker has loaded the model or, as a fork of one that has, started."""
ANY_GPU, CPU_DEVICES = {"auto", "cuda"}, {"auto", "cpu"}
MAX_COUNTED = 4096
"""Requests that need to be looked at to choose the number of workers."""
LIMITS = ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK")
"""Environment variables with a number of cores or threads."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
GPU_VARIABLE = "CUDA_VISIBLE_DEVICES"
LIST_GPUS = ("nvidia-smi", "-L")
TIMEOUT_S = 10.0


class CoreGroup(NamedTuple):
    """Cores and GPU that a worker may use.

    Attributes:
        number: Number of the group, from 0.
        threads: Threads of the worker.
        sees_gpus: True if it may use a GPU.
        gpu: Number or UUID of the only GPU that it sees, or "" for whatever this process sees.
    """

    number: int
    threads: int
    sees_gpus: bool = False
    gpu: str = ""

    def variables(self) -> dict[str, str]:
        """Return the environment variables that keep a worker to its GPU."""
        return {GPU_VARIABLE: self.gpu} if self.gpu else {}


def core_groups(requests: Iterable[Request], count: int | None = None) -> list[CoreGroup]:
    """Return the groups of this machine for the requests that are to be made, at least one.

    Args:
        requests: The requests.
        count: Number of workers; None for as many as are useful.
    """
    wanted = list(requests)
    devices = {request.device for request in wanted}
    gpus = gpu_ids() if devices and devices <= ANY_GPU else []
    if count is None:
        useful = -(-len(wanted) // (OBJECTS_PER_FORK if can_fork(wanted) else OBJECTS_PER_WORKER))
        count = max(1, min(len(gpus) or workers_without_cuda(wanted, devices), useful))
    threads = max(1, available_cores() // count)
    sees_gpus = devices != {"cpu"}
    return [CoreGroup(number, threads, sees_gpus, gpus[number % len(gpus)] if gpus else "") for number in range(count)]


def can_fork(requests: Iterable[Request]) -> bool:
    """True if the workers of requests can be forked from one process that has loaded a model, and be killed surely.

    A GPU can be used only by the process that has begun to, not by forks of it.
    """
    devices = {request.device for request in requests}
    if sys.platform != "linux" or not devices <= ({"cpu"} if has_cuda_build() else CPU_DEVICES):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old kernel, or a container that forbids it
        return False
    return True


def workers_without_cuda(requests: Sequence[Request], devices: set[str]) -> int:
    """Return the number of workers that cores and memory suffice for; one for a GPU that was named or is Apple's."""
    if not devices <= CPU_DEVICES or (sys.platform == "darwin" and devices != {"cpu"}):
        return 1
    is_small = all(request.model.startswith("mini/") for request in requests)
    cores = available_cores()
    by_cores = cores // (CORES_OF_SMALL if is_small else CORES_OF_LARGE)
    by_memory = available_bytes() // (BYTES_OF_SMALL if is_small else BYTES_OF_LARGE)
    return max(1, min(by_cores, by_memory))


def available_cores() -> int:
    """Return the number of cores that this process may use: no more than the threads that it was told to have.

    SLURM binds its tasks to their cores only if it is set up so.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = [int(value) for name in LIMITS if (value := os.environ.get(name, "")).isdecimal()]
    return max(1, min([cores, *told]))


def available_bytes() -> int:
    """Return the memory that can be used without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def gpu_ids() -> list[str]:
    """Return the NVIDIA GPUs that this process may use; none for a PyTorch without CUDA."""
    if not has_cuda_build():
        return []
    visible = os.environ.get(GPU_VARIABLE)
    if visible is not None:
        return [name.strip() for name in visible.split(",") if name.strip()]
    try:
        listed = subprocess.run(LIST_GPUS, capture_output=True, text=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [str(number) for number in range(sum(map(is_gpu, listed.stdout.splitlines())))]


def is_gpu(line: str) -> bool:
    """True for a line of `nvidia-smi -L` that names a GPU, and not a part of one."""
    return line.startswith("GPU ")


def has_cuda_build() -> bool:
    """True if the installed PyTorch is not the one for CPUs only."""
    try:
        return not version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False
