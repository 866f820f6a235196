# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectMaker without Ray: one worker for many objects, recycled, and machines that cannot make them."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from blender_text3d.batch.cluster import object_maker
from blender_text3d.batch.cluster.errors import UnfitNode
from blender_text3d.batch.cluster.object_maker import MakerSettings, ObjectMaker, Order
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import object_id
from blender_text3d.protocol.request import make_requests
from scripts.fault_injection.many.drivers import worker_python


@pytest.fixture
def settings(tmp_path):
    store = ObjectStore(tmp_path / "out")
    (store.out / "marker").touch()
    python = worker_python(tmp_path)
    return MakerSettings(str(store.out), "marker", 3, False, str(python), 0, False, False, False, 0.0, recycle_after=3)


@pytest.fixture
def maker(settings):
    one = ObjectMaker(settings)
    yield one
    one.close()


def orders(*prompts, attempts=0):
    requests = [make_requests(prompt, seed=number, steps=2)[0] for number, prompt in enumerate(prompts)]
    return [Order(object_id(one), one.to_values(), one.prompt, attempts) for one in requests]


def test_the_worker_is_kept_until_it_has_made_enough(maker):
    assert maker.check() == os.getpid()
    pids = []
    for prompt in ("chair", "mug", "lamp", "car"):
        assert [result.state for result in maker.make(orders(prompt))] == ["made"]
        pids.append(maker.worker_pid())
    assert pids[0] == pids[1] != 0
    assert (pids[2], pids[3] not in (0, pids[0])) == (0, True)


def test_a_worker_whose_memory_grows_is_replaced(maker, monkeypatch):
    used = iter([2**30, 2**30 + object_maker.MAX_GROWTH_BYTES, 2**30 + object_maker.MAX_GROWTH_BYTES + 1])
    monkeypatch.setattr(object_maker, "memory_bytes", lambda pid: next(used))
    maker._settings = maker._settings._replace(recycle_after=100)
    lives = [bool(maker.make(orders(prompt)) and maker.worker_pid()) for prompt in ("chair", "mug", "lamp")]
    assert lives == [True, True, False]


@pytest.mark.parametrize("has_gpu", [False, True])
def test_the_worker_has_the_threads_of_its_cores_and_only_a_reserved_gpu(settings, monkeypatch, has_gpu):
    for name in object_maker.GPU_VARIABLES:
        monkeypatch.setenv(name, "5")
    maker = ObjectMaker(settings._replace(has_gpu=has_gpu))
    maker.make(orders("chair"))
    variables = psutil.Process(maker.worker_pid()).environ()
    maker.close()
    assert {variables[name] for name in object_maker.THREAD_VARIABLES} == {"3"}
    assert {variables[name] for name in object_maker.GPU_VARIABLES} == {"5" if has_gpu else ""}


def test_attempts_of_other_machines_count(maker, settings):
    (result,) = maker.make(orders("a crash", attempts=1))
    assert (result.state, "do not fit" in result.reason) == ("failed", True)
    assert '"attempt": 2' in ObjectStore(Path(settings.out)).failures.path.read_text()


def test_a_machine_that_does_not_see_the_folder_says_so(settings):
    with pytest.raises(UnfitNode, match=r"cannot see the folder .*/out of this run\. Choose one on a disk that all"):
        ObjectMaker(settings._replace(marker="none")).check()


def test_a_machine_with_other_weights_makes_nothing(maker):
    (order,) = orders("a chair")
    with pytest.raises(
        UnfitNode, match=r"lacks the weights of mini/shap-e, or has others than .*\. Run scripts/weights"
    ):
        maker.make([order._replace(object_id="0" * 32)])
    assert maker.worker_pid() == 0


def test_a_machine_that_cannot_run_the_worker_says_so(settings):
    maker = ObjectMaker(settings._replace(python="/no/such/python"))
    with pytest.raises(UnfitNode, match="/no/such/python cannot be started"):
        maker.make(orders("a chair"))


def test_a_folder_that_is_gone_makes_a_machine_unfit(maker, settings):
    shutil.rmtree(settings.out)
    os.close(os.open(settings.out, os.O_CREAT))
    with pytest.raises(UnfitNode, match="Not a directory|File exists"):
        maker.make(orders("a chair"))
