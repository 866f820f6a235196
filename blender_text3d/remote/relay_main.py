# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of the relay, which takes a worker's commands on stdin until it closes or the idle timeout passes."""

import argparse
import os
import queue
import sys
import threading
from typing import TextIO

from ..protocol.failures import EXIT_CODES, REASON_OF_ERRNO, Reason
from .host import RemoteHost
from .link import Patience
from .relay import Relay

POLL_S = 0.03


def main() -> int:
    """Relay every command and return the exit code of the process, as a worker would."""
    options = parse_options()
    host = RemoteHost(options.host, options.port, options.python)
    host.check()
    relay = Relay(host, Patience(options.first, options.lost, options.silent, options.retry, options.idle))
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=read_lines, args=(sys.stdin, lines), daemon=True).start()
    try:
        while relay.exit_code is None:
            take_line(relay, lines)
            relay.tick()
    except OSError as error:  # a job folder cannot be written, which only the client can tell
        sys.stderr.write(f"{error}\n")
        return EXIT_CODES[REASON_OF_ERRNO.get(error.errno or 0, Reason.BROKEN_JOB)]
    finally:
        relay.close()
    return relay.exit_code


def take_line(relay: Relay, lines: "queue.SimpleQueue[str]") -> None:
    """Wait a moment for a command, and act on it."""
    try:
        line = lines.get(timeout=POLL_S)
    except queue.Empty:
        return
    relay.command(line)


def read_lines(stream: TextIO, lines: "queue.SimpleQueue[str]") -> None:
    """Put all lines into a queue, and "" after the last one."""
    for line in stream:
        lines.put(line)
    lines.put("")


def parse_options() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.remote.relay_main")
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--python", default="")
    for name, default in Patience._field_defaults.items():
        parser.add_argument(f"--{name.removesuffix('_s')}", type=float, default=default, help="seconds (%(default)s)")
    return parser.parse_args()


def run() -> None:
    """Run the relay and exit with its code at once: its threads may still be reading."""
    code = main()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
