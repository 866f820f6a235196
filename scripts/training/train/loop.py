# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop: a time budget, steps, running averages, and a checkpoint to resume from."""

import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from ..data import distributed
from .optimizers import RunningAverage, rate_factor, set_rates


class Training:
    """The resumable state of a training run.

    Attributes:
        seen: number of training samples so far.
        spent_s: seconds trained so far, over all runs of the command.
    """

    def __init__(self, path: Path, networks: dict[str, nn.Module], optimizers, *, decay: float, hold: float = 0.4):
        self.path, self.networks, self.optimizers, self.hold = path, networks, optimizers, hold
        distributed.broadcast_parameters(self._parameters())
        self.rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
        self.averages = {name: RunningAverage(network, decay) for name, network in networks.items()}
        self.seen, self.spent_s, self.loss = 0, 0.0, float("nan")
        if path.exists():
            self._resume(torch.load(path, map_location=next(self._parameters()).device))

    def rounds(self, minutes: float, report_every_s: float) -> Iterator[bool]:
        """Yield until the minutes have elapsed: True if a report and a checkpoint are due, in the main process."""
        total = minutes * 60
        begun, reported = time.monotonic() - self.spent_s, self.spent_s
        while self.spent_s < total:
            set_rates(self.optimizers, self.rates, rate_factor(self.spent_s / total, hold=self.hold))
            self.spent_s = distributed.synchronized_seconds(time.monotonic() - begun)
            is_due = self.spent_s - reported > report_every_s or self.spent_s >= total
            reported = self.spent_s if is_due else reported
            yield is_due and distributed.is_main_process()

    def step(self, loss: Tensor, samples: int) -> None:
        """Take one optimizer step with gradients clipped to norm 1."""
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        distributed.average_gradients(self._parameters())
        nn.utils.clip_grad_norm_(list(self._parameters()), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        for average in self.averages.values():
            average.update()
        self.seen += samples * distributed.process_count()
        self.loss = loss.item() if self.loss != self.loss else 0.99 * self.loss + 0.01 * loss.item()

    def running_averages(self) -> dict[str, nn.Module]:
        """Return copies of the networks with their running averages."""
        copies = {name: type(network)(network.config) for name, network in self.networks.items()}
        for name, copy in copies.items():
            copy.load_state_dict(self.averages[name].shadow)
            copy.to(next(self._parameters()).device).eval()
        return copies

    def report(self, text: str) -> None:
        """Print the progress and write the checkpoint atomically."""
        print(f"{self.spent_s / 60:6.1f} min {self.seen:8d} samples loss {self.loss:.4f} {text}", flush=True)
        part = self.path.with_suffix(".part")
        torch.save(self._state(), part)
        part.replace(self.path)

    def _state(self) -> dict:
        return {
            "networks": {name: network.state_dict() for name, network in self.networks.items()},
            "averages": {name: average.shadow for name, average in self.averages.items()},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "seen": self.seen,
            "spent_s": self.spent_s,
        }

    def _resume(self, state: dict) -> None:
        for name, network in self.networks.items():
            network.load_state_dict(state["networks"][name])
            self.averages[name].shadow = state["averages"][name]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.seen, self.spent_s = state["seen"], state["spent_s"]

    def _parameters(self) -> Iterator[nn.Parameter]:
        return (parameter for network in self.networks.values() for parameter in network.parameters())


def average_of(checkpoint: Path, name: str, device: str = "cpu") -> dict[str, Tensor]:
    """Return the running average of one network of a checkpoint."""
    return torch.load(checkpoint, map_location=device)["averages"][name]
