# SPDX-License-Identifier: GPL-3.0-or-later
"""Data-parallel training in several processes that share gradients and the elapsed time."""

import importlib
import os
import signal
import socket
from typing import Any

import torch
from torch import distributed
from torch import multiprocessing as processes


def run(train, arguments) -> None:
    """Call train(arguments) in `arguments.processes` processes, each with a different seed."""
    if arguments.processes == 1:
        train(arguments)
    else:
        arguments.port = arguments.port or free_port()
        processes.spawn(_run_process, (train, arguments), arguments.processes)


def _run_process(rank, train, arguments) -> None:
    # PyTorch ends the processes of a killed parent by SIGINT, which a shell's background jobs ignore: they would go on
    # to write its checkpoint.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(arguments.port)}
    # Imported now, or by the first optimizer with the group as a default value, so that its threads would outlive it
    # and could abort the process as it exits (`findings/pytorch-import-keeps-process-group.sh`).
    importlib.import_module("torch.distributed.nn.functional")
    distributed.init_process_group("gloo", rank=rank, world_size=arguments.processes)
    arguments.seed += 1000 * rank
    train(arguments)
    distributed.destroy_process_group()


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def add_arguments(parser) -> None:
    """Add the options of `run` to a parser."""
    parser.add_argument("--processes", type=int, default=1, help="processes that train together")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1 for their communication; default: any")


def process_count() -> int:
    """Return the number of processes that train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_main_process() -> bool:
    """Return True in the process that writes the reports and the checkpoint."""
    return rank() == 0


def rank() -> int:
    """Return the number of this process, 0 in the main one."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def gathered(value: Any) -> list[Any]:
    """Return the value of every process, in their order."""
    values: list[Any] = [value] * process_count()
    if process_count() > 1:
        distributed.all_gather_object(values, value)
    return values


def broadcast_parameters(parameters) -> None:
    """Copy the parameter values of the first process to all processes."""
    if process_count() > 1:
        for parameter in parameters:
            distributed.broadcast(parameter.data, 0)


@torch.no_grad()
def average_gradients(parameters) -> None:
    """Replace the gradients with their mean over all processes."""
    if process_count() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    together = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(together)
    together /= process_count()
    for gradient, part in zip(gradients, together.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def synchronized_seconds(seconds: float) -> float:
    """Return the elapsed time of the first process in every process."""
    if process_count() == 1:
        return seconds
    clock = torch.tensor(seconds, dtype=torch.float64)
    distributed.broadcast(clock, 0)
    return clock.item()
