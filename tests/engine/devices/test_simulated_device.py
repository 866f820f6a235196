# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated devices refuse and count what real ones do."""

import pytest
import torch
from torch.nn import functional as F

from scripts.testing.simulated_device import UnsupportedByDevice, WrongDevice, simulated_cuda, simulated_mps
from scripts.testing.simulated_device.mps_operations import runs_on_mps

SIMULATED = pytest.mark.parametrize("simulated", [simulated_cuda, simulated_mps])


def name(simulated):
    return "cuda" if simulated is simulated_cuda else "mps"


@SIMULATED
def test_numbers_types_and_modules_move_and_are_those_of_the_cpu(simulated):
    torch.manual_seed(0)
    layer, x = torch.nn.Linear(3, 4), torch.randn(2, 5, 3)
    with torch.no_grad():
        expected = layer.half()(x.half())
    with simulated():
        device = name(simulated)
        result = layer.to(device)(x.half().to(device))
        assert str(result.device) == f"{device}:0"
        assert result.dtype == torch.float16
        assert torch.equal(result.cpu(), expected)
        assert torch.equal(result.new_tensor([1.0, 2.0]).cpu(), torch.tensor([1.0, 2.0]).half())
        assert result[:, 1:, [0, 2]].shape == (2, 4, 2)


@SIMULATED
@pytest.mark.parametrize(
    "mix",
    [
        lambda there, here: there + here,
        lambda there, here: torch.cat([here, there]),
        lambda there, here: F.scaled_dot_product_attention(there[None], here[None], there[None]),
        lambda there, here: here[there.long()],
        lambda there, here: there.numpy(),
        lambda there, here: torch.randn(2, device=there.device, generator=torch.Generator()),
    ],
)
def test_what_a_real_device_refuses_is_refused(simulated, mix):
    with simulated(), pytest.raises((WrongDevice, RuntimeError)):
        mix(torch.ones(3, 3, device=name(simulated)), torch.ones(3, 3))


@SIMULATED
@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.sum().item(),
        lambda x: x.cpu(),
        lambda x: bool((x > 0).any()),
        lambda x: x.nonzero(),
        lambda x: x[x > 0],
        lambda x: x[[0, 1]],
        lambda x: x.tolist(),
        lambda x: x.new_tensor([1.0]),
        lambda x: torch.ones(3).to(x.device),
        lambda x: torch.tensor([1.0], device=x.device),
        lambda x: x.to(torch.uint8).unique(),
    ],
)
def test_a_wait_of_the_host_is_counted_once(simulated, wait):
    with simulated() as counts:
        x = torch.ones(3, device=name(simulated))
        wait(x)
        assert counts.waits.total() == 1


def test_a_copy_that_nobody_waits_for_is_free_on_cuda_and_unsafe_on_mps():
    with simulated_cuda() as counts:
        torch.ones(3).to("cuda", non_blocking=True)
        assert not counts.waits
    with simulated_mps(), pytest.raises(UnsupportedByDevice, match="freed"):
        torch.ones(3).to("mps", non_blocking=True)


def test_work_on_the_device_alone_waits_for_nothing():
    with simulated_cuda() as counts:
        x = torch.zeros(4, 4, device="cuda")
        x[1:, 2] = 3.0
        x[x > 2] = 1.0
        torch.where(x > 0, x * 0.5, x).clamp(0, 1).softmax(-1)
        torch.full((3,), 7, device="cuda")
        assert not counts.waits


def test_mps_lacks_64_bit_floats_and_what_its_table_lacks():
    with simulated_mps():
        x = torch.ones(3, 3, device="mps")
        for lacking in (x.double, lambda: torch.zeros(2, dtype=torch.float64, device="mps"), lambda: torch.geqrf(x)):
            with pytest.raises(UnsupportedByDevice):
                lacking()
    assert not runs_on_mps("geqrf")
    assert runs_on_mps("add.Tensor"), "delegates to a variant with a kernel"
    assert runs_on_mps("ones"), "made of others"


def test_launches_are_kernels_and_not_views():
    with simulated_cuda() as counts:
        x, weight, bias = (torch.ones(*shape, device="cuda") for shape in ((4, 3), (5, 3), (5,)))
        counts.launches.clear()
        F.linear(x, weight, bias).view(2, 10).transpose(0, 1)[1:].unsqueeze(0)
        assert counts.launches == {"aten::addmm": 1}
        counts.launches.clear()
        torch.addmm(x, x, torch.empty(3, 3, device="cuda"))
        assert counts.launches.total() == 2, "the matrix is copied before the product is added"
        counts.launches.clear()
        x.addmm_(x, torch.empty(3, 3, device="cuda"))
        F.scaled_dot_product_attention(x[None], x[None], x[None])
        assert counts.launches == {"aten::addmm_": 1, "scaled_dot_product_attention": 1}


def test_a_graph_repeats_its_calls_in_the_same_memory_for_one_launch():
    with simulated_cuda() as counts:
        given, graph = torch.ones(3, device="cuda"), torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            made = (given * 2 + 1)[:2]
        counts.launches.clear()
        given.fill_(5.0)
        graph.replay()
        assert counts.launches == {"aten::fill_": 1, "graph": 1}
        assert made.tolist() == [11.0, 11.0]


def captured(call):
    """Return a graph of a call, on a stream where a kernel ran before, and the call's result."""
    present, stream, graph = torch.cuda.current_stream(), torch.cuda.Stream(), torch.cuda.CUDAGraph()
    stream.wait_stream(present)
    with torch.cuda.stream(stream):
        call()
    with torch.cuda.graph(graph, stream=stream):
        result = call()
    assert torch.cuda.current_stream() is present
    return graph, result


def test_a_capture_waits_once_and_computes_nothing_before_the_replay():
    with simulated_cuda() as counts:
        given = torch.ones(3, device="cuda")
        graph, made = captured(lambda: given * 2)
        assert counts.waits == {"capture of a graph in tests": 1}
        assert made.isnan().all()
        graph.replay()
        assert made.tolist() == [2.0] * 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.ones(3, device="cuda").sum().item(), "capturing"),
        (lambda: torch.randn(3, device="cuda"), "random"),
    ],
)
def test_a_graph_can_hold_neither_a_wait_nor_random_numbers(call, message):
    with simulated_cuda():
        torch.ones(3, device="cuda")
        with pytest.raises(RuntimeError, match=message), torch.cuda.graph(torch.cuda.CUDAGraph()):
            call()


def test_a_graph_that_reads_freed_memory_is_an_error():
    with simulated_cuda():
        table = {"of": torch.ones(3, device="cuda")}
        graph, _ = captured(lambda: table["of"] + 1)
        graph.replay()
        table.clear()
        with pytest.raises(RuntimeError, match="freed"):
            graph.replay()


def test_the_memory_of_graphs_that_are_gone_cannot_be_shared():
    with simulated_cuda():
        given = torch.ones(3, device="cuda")
        graph, _ = captured(lambda: given + 1)
        pool, context = graph.pool(), torch.cuda.graph(torch.cuda.CUDAGraph(), pool=graph.pool())
        with context:
            pass
        del graph, context
        with pytest.raises(RuntimeError, match="use_count"), torch.cuda.graph(torch.cuda.CUDAGraph(), pool=pool):
            pass


def test_streams_need_the_results_of_the_one_before_and_the_libraries_workspaces():
    with simulated_cuda():
        stream = torch.cuda.Stream()
        with pytest.raises(RuntimeError, match="wait"), torch.cuda.stream(stream):
            pass
        graph = torch.cuda.CUDAGraph()
        with pytest.raises(RuntimeError, match="workspace"), torch.cuda.graph(graph, stream=stream):
            pass
        assert torch.cuda.current_stream() is stream, "as in PyTorch, a capture that failed leaves its stream in use"
