# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleet: the makers on all nodes of a cluster, one per GPU or group of cores, replaced when they die."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

from .errors import RunFailed, UnfitNode
from .makers import Ended
from .object_maker import MakerSettings, ObjectMaker, Order

REFRESH_EVERY_S = 2.0
MAX_STARTS = 3
"""Processes that may die on a node before one of them is ready."""
CLOSE_WAIT_S = 15.0


class Slots(NamedTuple):
    """Room for makers on a node.

    Attributes:
        makers: Number of makers.
        cores: Cores of each.
        gpus: GPUs of each, 0 or 1.
    """

    makers: int
    cores: int
    gpus: int


OWN_NODE_ENDED = "Ray has ended on this machine. Start it again, then run the same command again."


@dataclass(eq=False)
class Maker:
    """A maker.

    Attributes:
        name: Its name, unique in the run.
        node: ID of its node.
        actor: Ray's handle.
        is_ready: True if it can take work.
        pid: Its process ID on its node once it is ready.
        task: Ray's reference of its result, or None if it is idle.
        started_at: Moment of `time.monotonic` when it got its task.
    """

    name: str
    node: str
    actor: Any
    is_ready: bool = False
    pid: int = 0
    task: Any = None
    started_at: float = field(default_factory=time.monotonic)


def slots_of(resources: dict[str, float], cores_per_actor: int | None) -> Slots:
    """Return the room for makers on a node with these resources: one for each GPU, else one for each group of cores."""
    cpus, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    if gpus:
        return Slots(gpus, cores_per_actor or max(1, cpus // gpus), 1)
    cores = min(cores_per_actor or 1, max(1, cpus))
    return Slots(cpus // cores, cores, 0)


class Fleet:
    """The makers of a run.

    Attributes:
        makers: All makers that live, ready or not.
        unfit: Why a node is not used, by its ID.
    """

    def __init__(
        self,
        ray: ModuleType,
        settings: MakerSettings,
        cores_per_actor: int | None = None,
        max_makers: int | None = None,
    ) -> None:
        self.makers: list[Maker] = []
        self.unfit: dict[str, str] = {}
        self._ray, self._settings = ray, settings
        self._cores_per_actor, self._max_makers = cores_per_actor, max_makers
        self._starts: Counter[str] = Counter()
        self._names = itertools.count(1)
        self._refreshed_at = 0.0

    @property
    def idle(self) -> list[Maker]:
        """Makers that can take work."""
        return [maker for maker in self.makers if maker.is_ready and maker.task is None]

    def refresh(self, wanted: int) -> None:
        """Start makers where there is room, if fewer than `wanted` live. Looks at the cluster every other second.

        Raises:
            RunFailed: Ray has ended on this machine: the cluster takes the run for ended, and starts nothing for it.
        """
        if time.monotonic() - self._refreshed_at < REFRESH_EVERY_S:
            return
        self._refreshed_at = time.monotonic()
        nodes = {node["NodeID"]: node["Resources"] for node in self._ray.nodes() if node["Alive"]}
        if self._own_node() not in nodes:
            raise RunFailed(OWN_NODE_ENDED)
        used = Counter(maker.node for maker in self.makers)
        wanted = min(wanted, self._max_makers or wanted)
        for node, resources in nodes.items():
            slots = slots_of(resources, self._cores_per_actor)
            for _ in range(used[node], slots.makers if node not in self.unfit else 0):
                if len(self.makers) >= wanted:
                    return
                self._start(node, slots)

    def _own_node(self) -> str:
        return str(self._ray.get_runtime_context().get_node_id())

    def hand_out(self, maker: Maker, orders: Sequence[Order]) -> None:
        """Let an idle maker make objects."""
        maker.task = maker.actor.make.remote(orders)
        maker.started_at = time.monotonic()

    def wait(self, timeout_s: float) -> list[Ended]:
        """Return the tasks that end within some seconds; makers that became ready or died on the way are handled."""
        running = {maker.task: maker for maker in self.makers if maker.task is not None}
        if not running:
            time.sleep(timeout_s)
            return []
        tasks = list(running)
        self._ray.wait(tasks, num_returns=1, timeout=timeout_s)
        done, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=0)
        ended = [self._ended(running[task], task) for task in done]
        return [one for one in ended if one]

    def remove(self, maker: Maker) -> None:
        """End a maker at once, with what it makes."""
        if maker in self.makers:
            self.makers.remove(maker)
        self._ray.kill(maker.actor)

    def close(self) -> None:
        """End all makers; those that are idle end their worker first."""
        closing = [maker.actor.close.remote() for maker in self.makers if maker.is_ready and maker.task is None]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=CLOSE_WAIT_S)
        for maker in list(self.makers):
            self.remove(maker)

    def _start(self, node: str, slots: Slots) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        settings = self._settings._replace(threads=slots.cores, has_gpu=bool(slots.gpus))
        options = {"num_cpus": slots.cores, "num_gpus": slots.gpus, "max_restarts": 0, "max_task_retries": 0}
        actor = (
            self._ray.remote(ObjectMaker)
            .options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
                **options,
            )
            .remote(settings)
        )
        maker = Maker(f"{next(self._names)}", node, actor)
        maker.task = actor.check.remote()
        self.makers.append(maker)

    def _ended(self, maker: Maker, task: Any) -> Ended | None:
        """Read a task that has ended; None for the check of a maker, which is ready now or gone."""
        was_ready, maker.task = maker.is_ready, None
        try:
            value = self._ray.get(task)
        except UnfitNode as error:
            return self._lost(maker, error, is_unfit=True)
        except Exception as error:  # whatever Ray or the maker raised: it died, its node did, or its code is broken
            return self._lost(maker, error, is_unfit=not was_ready and self._is_last_start(maker))
        if was_ready:
            return Ended(maker, value)
        maker.is_ready, maker.pid = True, value
        self._starts[maker.node] = 0
        return None

    def _is_last_start(self, maker: Maker) -> bool:
        self._starts[maker.node] += 1
        return self._starts[maker.node] >= MAX_STARTS

    def _lost(self, maker: Maker, error: Exception, *, is_unfit: bool) -> Ended:
        if is_unfit:
            self.unfit[maker.node] = message_of(error)
        self.remove(maker)
        return Ended(maker, [], error, is_unfit)


def message_of(error: Exception) -> str:
    """Return the message of an error, without the stack that Ray puts before one that came from a node."""
    cause = getattr(error, "cause", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
