# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks before a CUDA graph is used. Capturing itself needs CUDA and is not tested here."""

import pytest
import torch

from blender_text3d.engine.diffusion.cuda_graph import VARIABLE, CudaGraphed, graphed


def network(x, t):
    return x * 2 + t


class Record:
    """Records a network as `change` of it, and counts."""

    def __init__(self, change=lambda output: output):
        self.change, self.replays = change, 0

    def __call__(self, recorded, inputs):
        def replay(*new):
            self.replays += 1
            return self.change(recorded(*new))

        return replay


def outputs_of(record, calls=5):
    run = CudaGraphed(network, record, device_type="cpu")
    return torch.stack([run(torch.full((3,), float(i)), torch.ones(3)) for i in range(calls)])


TRUTH = torch.tensor([[1.0], [3.0], [5.0], [7.0], [9.0]]).expand(5, 3)


def test_a_matching_recording_is_replayed_from_the_third_call_on():
    record = Record()
    assert torch.equal(outputs_of(record), TRUTH)
    assert record.replays == 1 + 3  # the comparison, then calls 3 to 5


@pytest.mark.parametrize("wrong", [lambda output: output + 1, lambda output: output * float("nan")])
def test_a_recording_with_a_different_output_is_never_used(wrong, caplog):
    record = Record(wrong)
    assert torch.equal(outputs_of(record), TRUTH)
    assert record.replays == 1
    assert "recording was wrong" in caplog.text


def test_each_set_of_shapes_has_a_recording_of_its_own():
    record = Record()
    run = CudaGraphed(network, record, device_type="cpu")
    for size in (2, 3, 2, 3, 2, 3):
        assert torch.equal(run(torch.ones(size), torch.ones(size)), torch.full((size,), 3.0))
    assert record.replays == 2 * (1 + 1)


@pytest.mark.parametrize(("value", "kind"), [("1", "CudaGraphed"), ("0", "function"), (None, "function")])
def test_graphs_are_off_unless_the_environment_asks_for_them(monkeypatch, value, kind):
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert type(graphed(network)).__name__ == kind


def test_a_network_that_cannot_be_recorded_runs_directly(caplog):
    def record(recorded, inputs):
        raise RuntimeError("operation not permitted when stream is capturing")

    assert torch.equal(outputs_of(record), TRUTH)
    assert "stream is capturing" in caplog.text


def test_nothing_is_recorded_on_a_device_without_graphs():
    def record(recorded, inputs):
        raise AssertionError("recorded")

    run = CudaGraphed(network, record)
    assert [run(torch.zeros(1), torch.full((1,), float(i))).item() for i in range(4)] == [0, 1, 2, 3]
