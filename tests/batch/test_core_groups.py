# SPDX-License-Identifier: GPL-3.0-or-later
"""How many workers a machine gets, with which threads and GPUs."""

import os
from types import SimpleNamespace

import pytest

from blender_text3d.batch import core_groups
from blender_text3d.batch.core_groups import CoreGroup, gpu_ids
from blender_text3d.protocol.request import make_requests

GIB = 2**30


@pytest.fixture
def machine(monkeypatch):
    """Return a function that pretends to be on a machine."""

    def be(cores=8, memory=64 * GIB, gpus=(), platform="linux", forks=False):
        monkeypatch.setattr(core_groups, "can_fork", lambda requests: forks)
        monkeypatch.setattr(core_groups, "available_cores", lambda: cores)
        monkeypatch.setattr(core_groups, "available_bytes", lambda: memory)
        monkeypatch.setattr(core_groups, "gpu_ids", lambda: list(gpus))
        monkeypatch.setattr(core_groups.sys, "platform", platform)

    return be


def requests(count=1000, model="mini/shap-e", device="auto"):
    return make_requests("a red chair", model=model, device=device) * count


def counted(*arguments):
    """Return the number of groups and the threads of each."""
    groups = core_groups.core_groups(*arguments)
    assert [group.number for group in groups] == list(range(len(groups)))
    return len(groups), groups[0].threads


def test_small_models_get_a_worker_with_one_thread_per_core_and_large_ones_share_cores(machine):
    machine(cores=16)
    assert counted(requests()) == (16, 1)
    assert counted(requests(model="shap-e/text300M")) == (2, 8)
    assert counted([*requests(), *requests(model="shap-e/text300M")]) == (2, 8)


def test_there_are_no_more_workers_than_memory_suffices_for_and_always_one(machine):
    machine(cores=16, memory=3 * GIB)
    assert counted(requests()) == (4, 4)
    machine(cores=2, memory=GIB // 4)
    assert counted(requests(model="shap-e/text300M")) == (1, 2)


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (1, 1), (4, 1), (5, 2), (12, 3), (33, 8)])
def test_few_objects_get_few_workers(machine, count, workers):
    machine()
    assert counted(requests(count))[0] == workers


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (2, 1), (3, 2), (4, 2), (12, 6), (33, 8)])
def test_where_workers_are_forks_fewer_objects_are_worth_one(machine, count, workers):
    machine(forks=True)
    assert counted(requests(count))[0] == workers


@pytest.mark.parametrize(
    ("platform", "build", "device", "expected"),
    [
        ("linux", "2.13.0+cpu", "auto", True),
        ("linux", "2.13.0+cpu", "cpu", True),
        ("linux", "2.13.0+cpu", "cuda:0", False),
        ("linux", "2.13.0+cu130", "auto", False),
        ("linux", "2.13.0+rocm7", "auto", False),
        ("linux", "2.13.0+cu130", "cpu", True),
        ("darwin", "2.13.0+cpu", "cpu", False),
        ("win32", "2.13.0+cpu", "cpu", False),
    ],
)
def test_workers_are_forks_on_linux_where_none_may_use_a_gpu(monkeypatch, platform, build, device, expected):
    monkeypatch.setattr(core_groups.sys, "platform", platform)
    monkeypatch.setattr(core_groups, "version", lambda name: build)
    monkeypatch.setattr(core_groups.os, "pidfd_open", lambda _: os.open(os.devnull, os.O_RDONLY), raising=False)
    assert core_groups.can_fork(requests(2, device=device)) is expected


def test_an_old_kernel_has_no_forks(monkeypatch):
    def missing(_):
        raise OSError("Function not implemented")

    monkeypatch.setattr(core_groups.sys, "platform", "linux")
    monkeypatch.setattr(core_groups.os, "pidfd_open", missing, raising=False)
    assert not core_groups.can_fork(requests(2, device="cpu"))


def test_a_number_that_was_asked_for_is_kept(machine):
    machine(memory=GIB)
    assert counted(requests(2), 3) == (3, 2)
    assert counted(requests(), 64) == (64, 1)


def test_each_gpu_gets_a_worker_that_sees_no_other_one(machine):
    machine(cores=16, gpus=("0", "3"))
    groups = core_groups.core_groups(requests())
    assert groups == [CoreGroup(0, 8, True, "0"), CoreGroup(1, 8, True, "3")]
    assert [group.variables() for group in groups] == [{"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "3"}]
    assert [group.gpu for group in core_groups.core_groups(requests(), 4)] == ["0", "3", "0", "3"]


def test_the_cpu_is_used_by_all_cores_whatever_gpus_there_are(machine):
    machine(gpus=("0",))
    assert core_groups.core_groups(requests(device="cpu"))[7] == CoreGroup(7, 1)


@pytest.mark.parametrize("device", ["cuda:1", "mps"])
def test_a_gpu_that_was_named_has_one_worker_that_sees_all(machine, device):
    machine(gpus=("0", "1"))
    assert core_groups.core_groups(requests(device=device)) == [CoreGroup(0, 8, True)]


def test_a_mac_has_one_gpu(machine):
    machine(platform="darwin")
    assert counted(requests()) == (1, 8)
    assert counted(requests(device="cpu")) == (8, 1)


LISTED = "GPU 0: NVIDIA A100 (UUID: GPU-1)\n  MIG 1g.5gb Device 0: (UUID: MIG-2)\nGPU 1: NVIDIA A100 (UUID: GPU-3)\n"


@pytest.mark.parametrize(
    ("build", "visible", "ids"),
    [
        ("2.13.0+cpu", None, []),
        ("2.13.0+cu130", None, ["0", "1"]),
        ("2.13.0", "1, GPU-7", ["1", "GPU-7"]),
        ("2.13.0", "", []),
    ],
)
def test_gpus_are_those_that_this_process_sees_and_pytorch_can_use(monkeypatch, build, visible, ids):
    monkeypatch.setattr(core_groups, "version", lambda name: build)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(core_groups.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=LISTED))
    assert gpu_ids() == ids


def test_a_machine_without_a_driver_has_no_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(core_groups, "version", lambda name: "2.13.0")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(core_groups, "LIST_GPUS", (str(tmp_path / "nvidia-smi"),))
    assert gpu_ids() == []


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"])
@pytest.mark.parametrize(("told", "cores"), [("", 6), ("2", 2), ("0", 1), ("64", 6), ("2,1", 6), ("two", 6)])
def test_a_process_that_was_told_its_threads_uses_no_more_cores(monkeypatch, name, told, cores):
    monkeypatch.setattr(core_groups.os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    for variable in core_groups.LIMITS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(name, told)
    assert core_groups.available_cores() == cores
