#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate 3D objects from a shell, with the same worker and recipes as in Blender.

    python scripts/generate.py "a red chair"
    python scripts/generate.py "a red chair" --seed 7 --count 4 --result both --out chairs
    python scripts/generate.py "a red chair" --count 8 --batch 8
    python scripts/generate.py --prompts-file prompts.txt --json
    python scripts/generate.py --image chair.png
    python scripts/generate.py "a red chair" --latent JOB/latent.npz --grid 256 --views 12

Progress goes to stderr. stdout lists the files, or with --json every event and result, one JSON object per line. The
exit code is 0 if all objects were generated, 1 if something failed, 2 if the request is invalid.
"""

import argparse
import importlib.util
import os
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.client.offers import MAX_JOBS_PER_OFFER
from blender_text3d.client.session import News, Session
from blender_text3d.environment.paths import default_jobs_dir, worker_env_dir, worker_python
from blender_text3d.protocol.comparison import comparison_requests
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import TERMINAL, Finished
from blender_text3d.protocol.request import Request, make_requests
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from scripts.cli.progress import JsonLines, ProgressLine
from scripts.cli.save_outputs import SaveError, save_result
from scripts.cli.setting_flags import add_setting_flags, flag_values

POLL_EVERY_S = 0.05
BATCH_HELP = "objects per batch, if they share model, steps and guidance (1 on a CPU)"
PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"
FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        return generate(requests_from(options), options)
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except (InvalidJob, SaveError) as error:
        print(sanitized(str(error)), file=sys.stderr)
        return FAILED


def generate(requests: list[Request], options: argparse.Namespace) -> int:
    """Generate the objects and report them; returns the exit code."""
    python = options.python or default_python()
    session = Session(options.jobs_dir, python, max_batch_size=options.batch, is_for_blender=False)
    show = JsonLines(sys.stdout) if options.json else ProgressLine(sys.stderr, sys.stdout)
    try:
        for job in session.submit(requests):
            job.set_watched(options.previews)
        ends = follow(session, show)
    except KeyboardInterrupt:
        session.cancel_all()
        follow(session, show)
        return INTERRUPTED
    finally:
        session.close()
    for job, last in ends:
        if isinstance(last, Finished):
            show.result(job, last, save_result(job, last, options.out))
    return 0 if all(isinstance(last, Finished) for _, last in ends) else FAILED


def follow(session: Session, show: JsonLines | ProgressLine) -> list[News]:
    """Show events until every job has ended; returns the last event of each."""
    ends = []
    while True:
        for job, event in session.poll():
            show.event(job, event)
            if isinstance(event, TERMINAL):
                ends.append((job, event))
        if not session.jobs:
            return ends
        time.sleep(POLL_EVERY_S)


def requests_from(options: argparse.Namespace) -> list[Request]:
    """Return complete requests for every prompt.

    Raises:
        BadRequest: A request is invalid or the file cannot be read; nothing was started.
    """
    prompts = [options.prompt or ""] if options.prompts_file is None else prompts_in(options.prompts_file)
    make = comparison_requests if options.compare else partial(make_requests, count=options.count)
    return [
        request
        for prompt in prompts
        for request in make(
            prompt,
            seed=options.seed,
            viewer="spawn" if options.live else "",
            **flag_values(options, is_scene_only=False),
        )
    ]


def prompts_in(path: Path) -> list[str]:
    """Read one prompt per line; blank lines and lines that start with # are skipped.

    Raises:
        BadRequest: The file cannot be read or contains no prompt.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise BadRequest(f"The prompts file {path} cannot be read ({error.strerror}). Choose another file.") from error
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    prompts = [line for line in lines if line and not line.startswith("#")]
    if not prompts:
        raise BadRequest(f"{path} contains no prompt. Write one per line.")
    return prompts


def default_python() -> Path:
    """Return TEXT3D_WORKER_PYTHON, else this Python if it has torch, else the worker environment's Python."""
    if os.environ.get(PYTHON_VARIABLE):
        return Path(os.environ[PYTHON_VARIABLE])
    return Path(sys.executable) if importlib.util.find_spec("torch") else worker_python(worker_env_dir())


def batch_size(text: str) -> int:
    """Parse the number of objects per batch, from 1."""
    if not text.isdecimal() or not 1 <= int(text) <= MAX_JOBS_PER_OFFER:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_JOBS_PER_OFFER}")
    return int(text)


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="generate.py", description=__doc__.splitlines()[0])
    prompt = parser.add_mutually_exclusive_group()
    prompt.add_argument("prompt", nargs="?", help='such as "a red chair"')
    prompt.add_argument("--prompts-file", type=Path, help="one prompt per line")
    parser.add_argument(
        "--previews", action="store_true", help="write preview.npz and record it while the object forms (slower)"
    )
    parser.add_argument("--seed", type=int, help="seed of the first object; the others count up (random)")
    parser.add_argument("--count", type=int, default=1, help="objects per prompt (%(default)s)")
    add_setting_flags(parser, is_scene_only=False)
    parser.add_argument(
        "--compare", action="store_true", help="one object by Point-E, one by Shap-E, one recording for both"
    )
    parser.add_argument("--live", action="store_true", help="open a Rerun viewer")
    parser.add_argument("--batch", type=batch_size, help=BATCH_HELP)
    parser.add_argument("--out", type=Path, help="copy the files to this folder (left in the job folders)")
    parser.add_argument("--json", action="store_true", help="print every event and result as JSON lines")
    parser.add_argument("--python", type=Path, help=f"Python of the worker (${PYTHON_VARIABLE}, this one, or Setup's)")
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="job folder (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
