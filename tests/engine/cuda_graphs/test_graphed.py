# SPDX-License-Identifier: GPL-3.0-or-later
"""A network as CUDA graphs on a simulated device: the same results, and without graphs after any failure."""

import gc
import weakref

import pytest
import torch

from blender_text3d.engine.cuda_graphs import SWITCH, VARIABLE, graphed
from blender_text3d.engine.cuda_graphs.graphed import GRAPHS, MAX_GRAPHS, MIN_CALLS
from blender_text3d.engine.cuda_graphs.recording import is_unchanged, version_of
from scripts.testing.simulated_device import simulated_cuda, simulated_mps
from scripts.testing.simulated_device.graph import SimulatedGraph


def network():
    """A network of its own for each test; the kept graphs are those of the function."""
    return lambda x, t: x * 2 + t


def given(number, size=3, device="cuda"):
    return torch.full((size,), float(number), device=device), torch.ones(size, device=device)


def outputs(run, calls=8, size=3):
    return [run(*given(number, size)).tolist()[0] for number in range(calls)]


def expected(calls=8):
    return [2.0 * number + 1 for number in range(calls)]


def taken_notice():
    notice, SWITCH.notice = SWITCH.notice, None
    return notice


@pytest.fixture
def counts():
    with simulated_cuda() as counts:
        yield counts


def test_graphs_are_the_default_and_replayed_once_a_network_was_evaluated_often(counts):
    assert outputs(graphed(network(), torch.float32)) == expected()
    assert counts.launches["graph"] == 1 + 8 - MIN_CALLS, "the comparison, then the calls after it"


@pytest.mark.parametrize("value", ["0", "off", " No "])
def test_the_environment_turns_graphs_off(counts, monkeypatch, value):
    monkeypatch.setenv(VARIABLE, value)
    run = network()
    assert graphed(run, torch.float32) is run


@pytest.mark.parametrize("value", ["1", ""])
def test_other_values_are_the_default(counts, monkeypatch, value):
    monkeypatch.setenv(VARIABLE, value)
    outputs(graphed(network(), torch.float32))
    assert counts.launches["graph"]


def test_gpus_of_amd_have_no_graphs(counts, monkeypatch):
    monkeypatch.setattr(torch.version, "hip", "7.2")
    run = network()
    assert graphed(run, torch.float32) is run


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_other_devices_never_use_graphs(device):
    with simulated_mps():
        run = graphed(network(), torch.float32)
        assert [run(*given(number, device=device)).tolist()[0] for number in range(8)] == expected()
    assert run.network not in GRAPHS


def test_later_runs_of_a_network_use_its_graphs(counts):
    run = network()
    outputs(graphed(run, torch.float32), calls=MIN_CALLS)
    counts.launches.clear()
    counts.waits.clear()
    later = graphed(run, torch.float32)
    made = [later(*given(number)) for number in range(3)]
    assert counts.launches["graph"] == 3
    assert not counts.waits
    assert [values.tolist()[0] for values in made] == expected(3), "a later replay overwrites no output"


def test_each_shape_has_a_graph_and_the_least_recently_used_is_given_up(counts):
    run = network()
    sizes = range(1, MAX_GRAPHS + 2)
    for size in sizes:
        assert outputs(graphed(run, torch.float32), size=size) == expected()
        outputs(graphed(run, torch.float32), calls=1, size=1)
    kept = [key[0][0][0] for key in GRAPHS[run].recordings]
    assert kept == [3, 4, 5, 1]
    counts.launches.clear()
    outputs(graphed(run, torch.float32), calls=MIN_CALLS - 1, size=2)
    assert not counts.launches["graph"], "it has to pay off again"


def test_types_have_graphs_of_their_own(counts):
    run = network()
    for dtype in (torch.float32, torch.float16):
        for _ in range(MIN_CALLS + 1):
            x, t = (value.to(dtype) for value in given(2))
            assert graphed(run, torch.float16)(x, t).dtype == dtype
    assert len(GRAPHS[run].recordings) == 2


def test_a_condition_is_copied_again_only_if_it_changed(counts):
    run = graphed(network(), torch.float32)
    x, t = given(1)
    made = [run(x, t).tolist()[0] for _ in range(MIN_CALLS + 1)]
    counts.launches.clear()
    made.append(run(x, t).tolist()[0])
    assert counts.launches["aten::copy_"] == 0
    t.add_(1)
    made.append(run(x, t).tolist()[0])
    assert counts.launches["aten::copy_"] == 1
    made.append(run(x, torch.full((3,), 5.0, device="cuda")).tolist()[0])
    assert made == [3.0] * (MIN_CALLS + 2) + [4.0, 7.0]


def test_tensors_of_inference_mode_count_as_changed():
    with torch.inference_mode():
        kept = torch.ones(2)
    normal = torch.ones(2)
    assert is_unchanged(normal, normal, version_of(normal))
    assert not is_unchanged(kept, kept, version_of(kept))


def test_graphs_share_the_memory_of_those_that_exist(counts):
    first, second, third = (network() for _ in range(3))
    outputs(graphed(first, torch.float32))
    outputs(graphed(second, torch.float32), size=2)
    pools = [recording.graph.pool() for run in (first, second) for recording in GRAPHS[run].recordings.values()]
    assert len(set(pools)) == 1
    del first, second
    gc.collect()
    outputs(graphed(third, torch.float32))
    assert next(iter(GRAPHS[third].recordings.values())).graph.pool() not in pools, "PyTorch refuses an abandoned pool"


def test_the_graphs_of_a_network_end_with_it(counts):
    run = network()
    outputs(graphed(run, torch.float32))
    graph = weakref.ref(next(iter(GRAPHS[run].recordings.values())).graph)
    del run
    gc.collect()
    assert graph() is None


def test_what_a_graph_reads_stays_in_memory(counts):
    tables = {"offset": torch.ones(3, device="cuda")}

    def run(x, t):
        return x * 2 + tables["offset"] * t

    evaluate = graphed(run, torch.float32)
    made = outputs(evaluate)
    tables.clear()
    assert made + outputs(evaluate) == expected() * 2


def fail(error):
    def call(*args, **kwargs):
        raise error

    return call


def wrong_replay(change):
    replay = SimulatedGraph.replay

    def call(graph):
        replay(graph)
        for value in graph._made.values():
            value.add_(change)

    return call


def failing_later(replays=2):
    replay, done = SimulatedGraph.replay, []

    def call(graph):
        done.append(graph)
        if len(done) > replays:
            raise RuntimeError("CUDA error: unspecified launch failure\nand a stack")
        replay(graph)

    return call


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
FAILURES = {
    "capture raises": ("graph", fail(RuntimeError("operation not permitted")), "captured (operation not permitted)"),
    "capture runs out of memory": ("graph", fail(OUT_OF_MEMORY), "captured (CUDA out of memory. Tried to allocate"),
    "PyTorch has other arguments": ("graph", fail(TypeError("unexpected keyword")), "captured (unexpected keyword)"),
    "no stream": ("Stream", fail(RuntimeError("")), "captured (RuntimeError)"),
    "replay raises": ("replay", failing_later(), "replayed (CUDA error: unspecified launch failure)"),
    "the first replay raises": ("replay", failing_later(0), "captured (CUDA error: unspecified launch failure)"),
    "another output": ("replay", wrong_replay(0.01), "differs by 1.0e-02 from the network's, of up to 7.0e+00"),
    "not a number": ("replay", wrong_replay(float("nan")), "differs by nan"),
    "infinite": ("replay", wrong_replay(float("inf")), "differs by inf"),
    "little memory": ("max_memory_allocated", lambda device=None: 2 << 30, "captured (8192 MB of the GPU are free, "
                      "and 16384 are needed)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_after_a_failure_the_process_goes_on_without_graphs_and_says_so_once(counts, monkeypatch, caplog, name):
    what, replacement, reason = FAILURES[name]
    owner = SimulatedGraph if what == "replay" else torch.cuda
    monkeypatch.setattr(owner, what, replacement)
    run, other = network(), network()
    assert outputs(graphed(run, torch.float32)) + outputs(graphed(run, torch.float32)) == expected() * 2
    assert not GRAPHS[run].recordings
    assert graphed(other, torch.float32) is other
    notice = taken_notice()
    assert reason in notice
    assert notice.startswith("CUDA graphs are off until the worker restarts: ")
    assert [record.getMessage() for record in caplog.records] == [notice]


def test_a_network_that_waits_or_draws_numbers_is_evaluated_as_before(counts):
    def waits(x, t):
        return x * 2 + t * float(t[0])

    def draws(x, t):
        return x * 2 + t + 0 * torch.rand_like(x)

    for run, reason in ((waits, "stream is capturing"), (draws, "draws random numbers")):
        present = torch.cuda.current_stream()
        assert outputs(graphed(run, torch.float32)) == expected()
        assert torch.cuda.current_stream() is present, "PyTorch leaves the stream of a failed capture in use"
        assert reason in taken_notice()


def test_an_interrupt_during_a_capture_ends_the_call_and_later_ones_work(counts, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(torch.cuda, "graph", fail(KeyboardInterrupt()))
        run = graphed(network(), torch.float32)
        with pytest.raises(KeyboardInterrupt):
            outputs(run)
    assert outputs(run) == expected()


def test_an_output_of_zeros_is_no_difference(counts):
    run = graphed(lambda x, t: x * 0, torch.float32)
    assert outputs(run) == [0.0] * 8
    assert counts.launches["graph"]
