#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make an object of every prompt in a file, without a window; a second run makes only what is missing.

    blender -b -P scripts/batch_generate.py -- --prompts-file prompts.txt --out here --format blend,glb,ply
    python scripts/batch_generate.py --prompts-file prompts.txt --out here --format glb

One prompt a line; lines that begin with # are comments. The files are named after prompt and seed; manifest.json
beside them says which recipe made which. Only .blend needs Blender, or Python's bpy module. The exit code is 0 when
everything is there, 1 when something failed, 2 when the options are wrong.
"""

import argparse
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from generate import BATCH_HELP, at_once, usual_python  # noqa: E402

from blender_text3d.client.session import Session  # noqa: E402
from blender_text3d.environment.paths import default_jobs_dir  # noqa: E402
from blender_text3d.protocol.errors import BadRequest, InvalidJob  # noqa: E402
from blender_text3d.protocol.events import TERMINAL, Failed, Finished  # noqa: E402
from blender_text3d.protocol.job_folder import JobFolder  # noqa: E402
from blender_text3d.protocol.models import DEFAULT_QUALITY, OUTPUTS  # noqa: E402
from blender_text3d.protocol.request import TURNS_DEG  # noqa: E402
from blender_text3d.system.console import use_lossy_console_encoding  # noqa: E402
from blender_text3d.system.plain_words import sanitized  # noqa: E402
from scripts.cli.batch_manifest import Manifest, Order, orders_of  # noqa: E402
from scripts.cli.batch_outputs import FORMATS, LACKING, write_formats  # noqa: E402

LOOK_EVERY_S = 0.1
INTERRUPTED = 130


def main() -> int:
    """Do what is missing, print the table."""
    use_lossy_console_encoding()
    options = options_from(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
    options.out.mkdir(parents=True, exist_ok=True)
    lines = options.prompts_file.read_text(encoding="utf-8-sig").splitlines()
    orders, outcomes = orders_of(lines, options)
    manifest = Manifest(options.out)
    todo = [order for order in orders if not manifest.has(order, options.format)]
    outcomes |= {order.name: "there already" for order in orders if order not in todo}
    session = Session(options.jobs_dir, options.worker_python, at_once=options.batch, is_for_blender=False)
    try:
        outcomes |= make_all(todo, session, manifest, options)
    except KeyboardInterrupt:
        session.cancel_all()
        print("Stopped. Run the same command again to make the rest.", file=sys.stderr)
        return INTERRUPTED
    finally:
        session.close()
    return print_table(outcomes)


def make_all(todo: list[Order], session: Session, manifest: Manifest, options: argparse.Namespace) -> dict[str, str]:
    """Order name → what became of it, "made ..." or why not."""
    made = {order: job for order in todo if (job := manifest.finished_job(order, options.jobs_dir))}
    outcomes = {order.name: outcome_of(job, order, manifest, options) for order, job in made.items()}
    to_make = [order for order in todo if order not in made]
    waiting = dict(zip(session.submit(order.request for order in to_make), to_make, strict=True))
    while waiting:
        for job, event in session.poll():
            if isinstance(event, TERMINAL):
                order = waiting.pop(job)
                outcomes[order.name] = outcome_of(job, order, manifest, options)
                print(sanitized(f"[{len(outcomes)}/{len(todo)}] {order.name}: {outcomes[order.name]}"), flush=True)
        time.sleep(LOOK_EVERY_S)
    return outcomes


def outcome_of(job: JobFolder, order: Order, manifest: Manifest, options: argparse.Namespace) -> str:
    """Write an ended job's files; one that cannot be written fails alone."""
    event = job.last_event()
    if isinstance(event, Failed):
        return f"FAILED {event.message} {event.fix}"
    if not isinstance(event, Finished):
        return "FAILED It was cancelled. Run the same command again."
    try:
        manifest.note(order, job, write_formats(job, options.out / order.name, options.format))
    except (OSError, ValueError, InvalidJob, RuntimeError) as error:  # RuntimeError is what Blender's operators raise
        return f"FAILED Its files could not be written ({error}). Its job is in {job.path}."
    return f"made in {event.elapsed_s:.1f} s: {event.vertices} vertices, {event.faces} faces, {event.points} points"


def print_table(outcomes: dict[str, str]) -> int:
    """Every order with what became of it; gives the exit code."""
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes.values())
    width = max(map(len, outcomes), default=0)
    print()
    for name, outcome in outcomes.items():
        print(sanitized(f"{name:<{width}}  {outcome}"))
    print(f"\n{len(outcomes) - failed} there, {failed} failed", flush=True)
    return 1 if failed else 0


def options_from(arguments: list[str]) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="batch_generate.py", description=__doc__.splitlines()[0])
    parser.add_argument("--prompts-file", type=Path, required=True, help="one prompt a line")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--format", type=formats, default=("glb",), help=f"of {', '.join(FORMATS)}; commas between")
    parser.add_argument("--seed", type=int, default=1, help="of the first result of each prompt (%(default)s)")
    parser.add_argument("--count", type=int, default=1, help="results of each prompt, seeds counting up (%(default)s)")
    parser.add_argument("--quality", default=DEFAULT_QUALITY, help="draft, standard or exact (%(default)s)")
    parser.add_argument("--result", choices=OUTPUTS, default="mesh", help="%(default)s")
    parser.add_argument("--turn", type=int, choices=TURNS_DEG, default=0, help="degrees, of what .blend holds")
    parser.add_argument("--most-faces", type=int, default=0, help="that .blend shows, by a modifier (all)")
    parser.add_argument("--batch", type=at_once, help=BATCH_HELP)
    parser.add_argument("--worker-python", type=Path, default=usual_python(), help="its Python (%(default)s)")
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="folder of the jobs (%(default)s)")
    options = parser.parse_args(arguments)
    if not options.prompts_file.is_file():
        parser.error(f"there is no prompts file {options.prompts_file}")
    if "blend" in options.format and "bpy" not in sys.modules and not find_spec("bpy"):
        parser.error("only Blender, or Python's bpy module, can write .blend: run it as `blender -b -P`")
    if (options.turn or options.most_faces) and "blend" not in options.format:
        parser.error("--turn and --most-faces change .blend alone: add it to --format")
    for name in set(options.format) & set(LACKING[options.result]):
        parser.error(f"a {options.result} cannot be written as .{name}: leave that out of --format")
    return options


def formats(text: str) -> tuple[str, ...]:
    """Names with commas between → the names, without repeats."""
    names = tuple(dict.fromkeys(text.replace(" ", "").split(",")))
    if not set(names) <= set(FORMATS):
        raise argparse.ArgumentTypeError(f"{text!r} is not of {', '.join(FORMATS)}")
    return names


if __name__ == "__main__":
    try:
        exit_code = main()
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        exit_code = 2
    except Exception:  # Blender would print it and end with 0
        traceback.print_exc()
        exit_code = 1
    sys.exit(exit_code)
