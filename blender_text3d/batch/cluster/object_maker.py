# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectMaker: the process on a node that makes objects, with one worker that keeps its model loaded.

Ray runs it as an actor. It writes the files of objects itself, and sends back only what became of them.
"""

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from ...client.worker_process import Launch
from ...protocol.errors import InvalidJob
from ...protocol.request import Request
from ...system.parent_process import VARIABLE as END_WITH
from ..core_groups import THREAD_VARIABLES
from ..make_chunk import ChunkMaker
from ..object_store import ObjectStore
from ..orders import ChunkOrder, object_id
from .errors import UnfitNode

GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
NO_GPU = ""
MAX_GROWTH_BYTES = 2**30
"""Growth of the worker's memory over that after its first objects from which it is replaced."""


class MakerSettings(NamedTuple):
    """Settings of a maker; Ray sends them to the node.

    Attributes:
        out: The output folder, under the same path on all machines.
        marker: A file of the run in it, by which a machine knows that it sees the same folder.
        threads: Threads of the worker.
        has_gpu: True if Ray reserved a GPU; else none may be used.
        python: The worker's Python, or "" for the one that Ray runs in.
        batch: Largest batch on the device; 0 leaves it to the worker.
        has_latent: True to keep latents.
        keeps_jobs: True to keep job folders.
        is_judged: True to record kind and color of the object in each picture.
        deadline_s: Longest time for an object.
        recycle_after: Number of objects after which the worker is replaced.
    """

    out: str
    marker: str
    threads: int
    has_gpu: bool
    python: str
    batch: int
    has_latent: bool
    keeps_jobs: bool
    is_judged: bool
    deadline_s: float
    recycle_after: int


class Order(NamedTuple):
    """A `ChunkOrder` as it is sent: values instead of objects, so that both sides check them."""

    object_id: str
    values: dict[str, Any]
    place: str
    attempts: int


class Result(NamedTuple):
    """Outcome of an object; see `make_chunk.Outcome`."""

    object_id: str
    state: str
    reason: str
    seconds: float


class ObjectMaker:
    """Makes the objects that it is given; see `MakerSettings`.

    Args:
        settings: What to make, and how.
        launch: Starts the worker; None for the worker's Python.
    """

    def __init__(self, settings: MakerSettings, launch: Launch | None = None) -> None:
        self._settings, self._launch = settings, launch
        self._maker: ChunkMaker | None = None
        self._made = 0
        self._first_bytes = 0

    def check(self) -> int:
        """Return the ID of this process, if it can make objects.

        Raises:
            UnfitNode: It does not see the output folder.
        """
        out = Path(self._settings.out)
        if not (out / self._settings.marker).is_file():
            raise UnfitNode(
                f"{host()} cannot see the folder {out} of this run. Choose one on a disk that all machines share."
            )
        return os.getpid()

    def make(self, orders: Sequence[Order]) -> list[Result]:
        """Make objects.

        Raises:
            UnfitNode: This machine cannot make them, such as for want of their weights.
        """
        try:
            wanted = [checked(order) for order in orders]
            maker = self._chunk_maker()
            maker.know_failures({order.object_id: order.attempts for order in orders})
            outcomes = list(maker.make(wanted))
        except (InvalidJob, OSError) as error:
            self.close()
            raise UnfitNode(f"{host()}: {error}") from error
        self._made += len(outcomes)
        if self._is_worn_out():
            self.close()
        return [Result(one.order.object_id, one.state, one.reason, one.seconds) for one in outcomes]

    def close(self) -> None:
        """End the worker; the next object starts another one."""
        maker, self._maker, self._made, self._first_bytes = self._maker, None, 0, 0
        if maker:
            maker.close()

    def worker_pid(self) -> int:
        """Return the process ID of the worker; 0 if none runs."""
        return self._maker.worker_pid if self._maker else 0

    def _chunk_maker(self) -> ChunkMaker:
        if self._maker is None:
            one = self._settings
            self._maker = ChunkMaker(
                ObjectStore(Path(one.out)),
                Path(one.python or sys.executable),
                max_batch_size=one.batch or None,
                has_latent=one.has_latent,
                keeps_jobs=one.keeps_jobs,
                is_judged=one.is_judged,
                retries_failed=True,  # whoever hands out objects counts
                deadline_s=one.deadline_s,
                variables=worker_variables(one),
                launch=self._launch,
            )
        return self._maker

    def _is_worn_out(self) -> bool:
        """True if the worker has made enough objects, or its memory has grown too much."""
        used = memory_bytes(self.worker_pid())
        self._first_bytes = self._first_bytes or used
        return self._made >= self._settings.recycle_after or used > self._first_bytes + MAX_GROWTH_BYTES


def checked(order: Order) -> ChunkOrder:
    """Return an order whose ID is that of its recipe with the weights of this machine.

    Raises:
        UnfitNode: This machine has other weights or none, so that it would make another object.
    """
    request = Request.from_values(order.values)
    if object_id(request) != order.object_id:
        raise UnfitNode(
            f"{host()} lacks the weights of {request.model}, or has others than the machine that started the run. "
            "Run scripts/weights.py there."
        )
    return ChunkOrder(order.object_id, request, order.place)


def worker_variables(settings: MakerSettings) -> dict[str, str]:
    """Return environment variables of the worker.

    Ray sets OMP_NUM_THREADS for a process that it starts, which a process that it uses again ignores, and leaves the
    GPUs visible to a process that reserved none.
    """
    variables = {END_WITH: str(os.getpid()), **dict.fromkeys(THREAD_VARIABLES, str(settings.threads))}
    return variables if settings.has_gpu else variables | dict.fromkeys(GPU_VARIABLES, NO_GPU)


def memory_bytes(pid: int) -> int:
    """Return the memory of a process in bytes; 0 if it has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss) if pid else 0
    except psutil.Error:
        return 0


def host() -> str:
    """Return the name of this machine."""
    return platform.node() or "This machine"
