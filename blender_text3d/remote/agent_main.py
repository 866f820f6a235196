# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of the agent, on the machine that does the work.

When the connection ends, it exits at once. Its worker notices, completes the objects that it has begun and exits, too;
the next agent finds them in their folders. What either prints is in remote-agent.log of the data folder there.
"""

import argparse
import json
import os
import platform
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..protocol.claim import own_claim, parse_claim
from ..protocol.version import ENGINE_VERSION
from ..system.files import replace_content
from ..system.process import is_alive
from ..system.untrusted_files import read_json
from ..system.user_folders import data_dir
from .agent import Agent
from .frames import PROTOCOL, Frame, ProtocolError, frame_bytes, read_frame
from .stored_jobs import FOLDER, StoredJobs

POLL_S = 0.02
PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"
LOG_NAME = "remote-agent.log"
MAX_LOG_BYTES = 2**20
MAX_NOTE_BYTES = 2**16


def main() -> None:
    """Serve one connection."""
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.remote.agent_main")
    parser.add_argument("--session", default="", help="name of the relay, whose earlier agent ends")
    options = parser.parse_args()
    folder = data_dir() / FOLDER
    output = private_output(folder.with_name(LOG_NAME))
    jobs = StoredJobs(folder)
    end_earlier_agent(folder / f".agent-{''.join(filter(str.isalnum, options.session))[:40]}.json")
    agent = Agent(output, jobs, Path(os.environ.get(PYTHON_VARIABLE) or sys.executable))
    hello = frame_bytes("hello", version=ENGINE_VERSION, protocol=PROTOCOL, time=time.time(), host=platform.node())
    agent.send((hello,))
    serve(agent, sys.stdin.buffer)


def serve(agent: Agent, stdin: BinaryIO) -> None:
    """Act on frames until the connection ends, then exit at once."""
    frames: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    threading.Thread(target=read_all, args=(stdin, frames), daemon=True).start()
    with suppress(BrokenPipeError, ProtocolError):
        while True:
            try:
                frame = frames.get(timeout=POLL_S)
            except queue.Empty:
                agent.tick()
                continue
            if frame is None:
                break
            agent.act(frame)
    os._exit(0)  # the thread may still be reading


def read_all(stdin: BinaryIO, frames: "queue.SimpleQueue[Frame | None]") -> None:
    """Put all frames into a queue, and None after the last one."""
    with suppress(ProtocolError, OSError):
        while frame := read_frame(stdin):
            frames.put(frame)
    frames.put(None)


def private_output(log: Path) -> BinaryIO:
    """Return standard output on a new descriptor; what is printed goes to a log."""
    output = os.fdopen(os.dup(1), "wb")
    mode = "ab" if not log.exists() or log.stat().st_size < MAX_LOG_BYTES else "wb"
    with log.open(mode) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return output


def end_earlier_agent(note: Path) -> None:
    """End the agent of an earlier connection of the same relay, which may not have noticed that it broke."""
    with suppress(OSError, ValueError):
        earlier = parse_claim(read_json(note, MAX_NOTE_BYTES, follow_links=False))
        if earlier.pid and earlier.is_on_this_machine() and is_alive(earlier.pid, earlier.started):
            os.kill(earlier.pid, signal.SIGKILL)
    replace_content(note, json.dumps(own_claim()._asdict()).encode())


if __name__ == "__main__":
    main()
