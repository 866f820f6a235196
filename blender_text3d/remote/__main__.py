# SPDX-License-Identifier: GPL-3.0-or-later
"""Test a connection, or run a module of this package on another machine.

    python -m blender_text3d.remote HOST
    python -m blender_text3d.remote HOST environment make
    python -m blender_text3d.remote HOST engine.weights fetch shap-e/text300M

The exit code is 0 if the machine can run jobs, or that of the module.
"""

import argparse
import json
import sys

from ..system.console import sanitized, use_lossy_console_encoding
from . import trouble
from .check import check
from .greeting import GreetingFailed, greet
from .host import InvalidHost, RemoteHost
from .ssh_process import pipe, start_ssh

FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    use_lossy_console_encoding()
    options = parse_options(arguments)
    host = RemoteHost(options.host, options.port, options.python)
    if options.command:
        return run_there(host, options.command[0], options.command[1:])
    verdict = check(host)
    text = json.dumps({"is_good": verdict.is_good, "text": verdict.text}) if options.json else sanitized(verdict.text)
    sys.stdout.write(text + "\n")
    return 0 if verdict.is_good else FAILED


def run_there(host: RemoteHost, module: str, arguments: list[str]) -> int:
    """Run a module there with its output here; returns its exit code."""
    try:
        host.check()
        process = start_ssh(host.ssh_command(is_set_up=False), shows_errors=True)
    except (InvalidHost, OSError) as error:
        found = trouble.not_started(error) if isinstance(error, OSError) else error
        sys.stderr.write(f"{found}\n")
        return FAILED
    stdin, stdout = pipe(process.stdin), pipe(process.stdout)
    try:
        greet(host, stdin, stdout, (module, arguments))
        stdin.close()
        while chunk := stdout.read1(2**16):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    except GreetingFailed as error:
        process.kill()
        sys.stderr.write(f"{error.trouble or trouble.lost(host, process.wait(), '')}\n")
        return FAILED
    return process.wait()


def parse_options(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    summary, *_ = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.remote", description=summary)
    parser.add_argument("host", help="host, user@host or an alias of ~/.ssh/config")
    parser.add_argument("--port", type=int, default=0, help="port of its SSH server (that of ~/.ssh/config, or 22)")
    parser.add_argument("--python", default="", help="command that starts Python there (that of Set Up there)")
    parser.add_argument("--json", action="store_true", help="print the result of the test as JSON")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, help="module of this package to run there, with its command line"
    )
    options = parser.parse_args(arguments)
    if options.command and options.command[0].startswith("-"):
        parser.error(f"{options.command[0]} belongs before the host.")
    return options


if __name__ == "__main__":
    sys.exit(main())
