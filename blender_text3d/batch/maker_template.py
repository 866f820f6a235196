# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that makers of one machine are forked from: it imports PyTorch and loads the model once for all of them.

Each maker forks its worker in turn. So a run has one import instead of one per worker, and one that takes the place of
another starts at once. No thread and no parallel region of OpenMP is ever started here, nor in a maker: only workers,
which fork no more, use more than one thread.
"""

import gc
import json
import os
import signal
import socket
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from ..client.worker_process import PACKAGE, WorkerProcess
from ..protocol.request import Request
from ..worker import __main__ as worker
from ..worker.worker_state import new_engine
from . import local_maker, object_files  # noqa: F401  for all makers
from .core_groups import THREAD_VARIABLES
from .forked_makers import MAX_MESSAGE_BYTES
from .forked_process import ForkedProcess, run_and_exit
from .orders import object_id

if TYPE_CHECKING:
    from ..engine.generate import Engine


def main() -> int:
    """Fork a maker for each message, until there are no more."""
    control = socket.socket(fileno=os.dup(0))
    for descriptor, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, 2)):
        os.dup2(source, descriptor)
    message, _ = received(control)
    gc.disable()  # collections take a tenth of the time of imports, and find nothing
    engine = preloaded(message)
    gc.freeze()  # else the first collection in each fork would write to every page that they share
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # makers leave no dead entry
    while message:
        message, descriptors = received(control)
        if message:
            fork_maker(control, descriptors[0], message, engine)
    return 0


def run() -> None:
    """Fork makers, then exit."""
    sys.exit(main())


def received(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return the next message and its descriptors; nothing at the end of the process that sends them."""
    message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE_BYTES, 1)
    return (json.loads(message) if message else {}), descriptors


def preloaded(values: dict[str, Any]) -> "Engine | None":
    """Return the engine with the model of a request, and learn the hashes of its weights; None if that fails.

    The worker that needs them then reports why.
    """
    try:
        import torch

        torch.set_num_threads(1)
        engine = new_engine()
        request = Request.from_values(values)
        object_id(request)
        engine.load(request.model, request.device)
    except Exception:
        traceback.print_exc()
        return None
    return engine


def fork_maker(control: socket.socket, descriptor: int, message: dict[str, Any], engine: "Engine | None") -> None:
    """Fork a maker that takes its orders from a socket; the socket closes if there can be no fork."""
    connection = socket.socket(fileno=descriptor)
    try:
        if os.fork() == 0:
            control.close()
            run_and_exit(partial(run_maker, connection, message, engine))
    except OSError as error:
        sys.stderr.write(f"No further process can be started ({error.strerror}).\n")
    finally:
        connection.close()


def run_maker(connection: socket.socket, message: dict[str, Any], engine: "Engine | None") -> int:
    """Serve orders, in the folder and with the variables of the message."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(message["folder"])
    os.environ.update(message["variables"])
    own = os.pidfd_open(os.getpid())
    socket.send_fds(connection, [b"\n"], [own])
    os.close(own)
    lines, answers = (connection.makefile(mode, encoding="utf-8") for mode in ("r", "w"))
    return local_maker.run(lines, answers, partial(forked_worker, engine))


def forked_worker(engine: "Engine | None", described: WorkerProcess, output: BinaryIO) -> ForkedProcess:
    """Fork a worker, which has the engine.

    Raises:
        OSError: There can be no fork.
    """
    run = partial(run_worker, engine)
    return ForkedProcess(run, output, variables=described.variables, folder=PACKAGE.parent)


def run_worker(engine: "Engine | None") -> int:
    """Run the worker with as many threads as its variables say, which PyTorch has read before."""
    if engine is not None:
        import torch

        torch.set_num_threads(int(os.environ[THREAD_VARIABLES[0]]))
    worker.run(engine)
    return 0


if __name__ == "__main__":
    run()
