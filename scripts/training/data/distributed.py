# SPDX-License-Identifier: GPL-3.0-or-later
"""One training run in several processes, each with its own batches, that share gradients and the clock."""

import os

import torch
from torch import distributed
from torch import multiprocessing as processes


def run(train, arguments) -> None:
    """Calls train(arguments) in `arguments.processes` processes, with a seed of its own in each."""
    if arguments.processes == 1:
        train(arguments)
    else:
        processes.spawn(_member, (train, arguments), arguments.processes)


def _member(rank, train, arguments) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(arguments.port)}
    distributed.init_process_group("gloo", rank=rank, world_size=arguments.processes)
    arguments.seed += 1000 * rank
    train(arguments)
    distributed.destroy_process_group()


def add_arguments(parser) -> None:
    """The options that `run` reads."""
    parser.add_argument("--processes", type=int, default=1, help="processes that train together")
    parser.add_argument("--port", type=int, default=29400, help="on 127.0.0.1, by which they find each other")


def members() -> int:
    """Return the number of processes that train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_first() -> bool:
    """True if this process writes the reports and the checkpoint."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


def as_the_first(parameters) -> None:
    """Every process takes the first one's values."""
    if members() > 1:
        for parameter in parameters:
            distributed.broadcast(parameter.data, 0)


@torch.no_grad()
def average_gradients(parameters) -> None:
    """Every process takes the mean of all gradients."""
    if members() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    together = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(together)
    together /= members()
    for gradient, part in zip(gradients, together.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def agreed(seconds: float) -> float:
    """The first process's clock, in every process."""
    if members() == 1:
        return seconds
    clock = torch.tensor(seconds, dtype=torch.float64)
    distributed.broadcast(clock, 0)
    return clock.item()
