#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record hashes of the results of fixed recipes, to show that a refactoring changes no byte of them.

    python -m scripts.testing.golden_hashes record CHECKOUT OUT                    all recipes → OUT/hashes.json
    python -m scripts.testing.golden_hashes record CHECKOUT OUT --bpy BPY_PYTHON   a .blend file too
    python -m scripts.testing.golden_hashes record CHECKOUT OUT --only 01 13       some recipes
    python -m scripts.testing.golden_hashes compare BEFORE.json AFTER.json         exit code 1 if hashes differ
    python -m scripts.testing.golden_hashes list                                   names of the recipes

Run it with the worker's Python, which runs the checkout's commands too. Record the commit before the refactoring and
the one after it, with the same Python on the same machine: hashes hold for one processor and one set of packages, so
none are kept in the repository, and CI does not run this.

hashes.json has three parts: "about", versions of Python and packages; "hashes", recipe → job → file → array → SHA-256;
"facts", what may change on purpose, such as stages, notices, events and keys. Differences in facts are printed, but do
not count. Left out, since they vary: Rerun recordings, previews, logs, dates, durations, and IDs of jobs and processes.

Everything runs on the CPU with one thread, with a data folder in OUT.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.testing.golden_files import HASHED, file_hashes, read_jobs
from scripts.testing.golden_recipes import (
    BLEND,
    BLEND_FLAGS,
    BLEND_PROMPTS,
    COMMANDS,
    DEFAULT_REQUEST,
    NAMES,
    PROMPTS,
    REQUESTS,
    select,
)

PACKAGES = ("torch", "numpy", "trimesh", "pillow", "numba", "scipy")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
FOREIGN_VARIABLES = ("TEXT3D_", "BLENDER_", "PYTHON")
CREATED = 1767225600.0
Recorded = tuple[dict[str, Any], dict[str, Any]]


def main(arguments: list[str] | None = None) -> int:
    """Run one action; exit code 1 if a comparison finds other hashes."""
    options = parse_options(arguments)
    if options.action == "list":
        print("\n".join(NAMES))
        return 0
    if options.action == "compare":
        return compare(options.before, options.after)
    record(options.checkout.resolve(), options.out.resolve(), options.only, options.bpy)
    return 0


def record(checkout: Path, out: Path, prefixes: list[str], bpy_python: Path | None) -> None:
    """Generate the recipes with a checkout and write hashes.json."""
    if out.exists() and any(out.iterdir()):
        sys.exit(f"{out} is not empty.")
    draw_inputs(out / "inputs")
    hashes: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for name in select(prefixes):
        start = time.monotonic()
        if name in COMMANDS:
            hashes[name], facts[name] = run_generate(name, checkout, out)
        elif name in REQUESTS:
            hashes[name], facts[name] = run_worker(name, checkout, out)
        elif bpy_python:
            hashes[name], facts[name] = run_in_blender(checkout, out, bpy_python)
        print(f"{name}: {len(flatten(hashes.get(name, {})))} hashes, {time.monotonic() - start:.1f} s", flush=True)
    about = {"python": sys.version.split()[0], **{name: package_version(name) for name in PACKAGES}}
    content = {"about": about, "hashes": hashes, "facts": facts}
    (out / "hashes.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(out / "hashes.json")


def run_generate(name: str, checkout: Path, out: Path) -> Recorded:
    """Run scripts/generate.py with a recipe's arguments."""
    jobs_dir, copies = out / "home/jobs" / name, out / "out" / name
    arguments = [fill_in(argument, name, out) for argument in COMMANDS[name]]
    command = [sys.executable, str(checkout / "scripts/generate.py"), *arguments, "--jobs-dir", str(jobs_dir)]
    command += all_faces(checkout)
    done = run(command, checkout, out)
    hashes, facts = read_jobs(jobs_dir)
    facts |= outcome_facts(done)
    if copies.exists():
        hashes["--out"] = {path.name: file_hashes(path) for path in sorted(copies.iterdir()) if path.suffix in HASHED}
        facts["--out"] = sorted(path.name for path in copies.iterdir())
    if "--json" in arguments:
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        facts["--json keys"] = {line["kind"]: sorted(line) for line in lines if "kind" in line}
    return hashes, facts


def all_faces(checkout: Path) -> list[str]:
    """Return the flags with which a checkout keeps all faces, as version 0.1.0 does, which has no such flag."""
    has_flag = (checkout / "blender_text3d/protocol/face_budget.py").exists()
    return ["--face-budget", "full"] if has_flag else []


def run_worker(name: str, checkout: Path, out: Path) -> Recorded:
    """Let the checkout's worker generate a queued job of version 0.1.0."""
    job = out / "home/jobs" / name / f"20260101-000000-golden-{int(name[:2]):06x}"
    job.mkdir(parents=True)
    content = {
        "format": 1,
        "job_id": job.name,
        "created": CREATED,
        "engine_version": "0.1.0",
        "request": DEFAULT_REQUEST | REQUESTS[name],
    }
    queued = {"kind": "queued", "time": CREATED, "pid": 1, "host": "studio"}
    queued |= {"machine": "", "started": "", "is_for_blender": True}
    (job / "request.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
    (job / "events.jsonl").write_text(json.dumps(queued) + "\n", encoding="utf-8")
    command = [sys.executable, "-u", "-m", "blender_text3d.worker"]
    done = run(command, checkout, out, json.dumps({"do": str(job)}) + "\n")
    hashes, facts = read_jobs(job.parent)
    return hashes, facts | outcome_facts(done)


def run_in_blender(checkout: Path, out: Path, bpy_python: Path) -> Recorded:
    """Run scripts/batch_generate.py in Blender, and read the .blend file it writes."""
    made, prompts, jobs_dir = out / "out" / BLEND, out / "inputs/blend-prompts.txt", out / "home/jobs" / BLEND
    made.mkdir(parents=True)
    prompts.write_text(BLEND_PROMPTS, encoding="utf-8")
    command = [str(bpy_python), str(checkout / "scripts/batch_generate.py"), "--prompts-file", str(prompts)]
    command += ["--out", str(made), "--jobs-dir", str(jobs_dir), "--worker-python", sys.executable, *BLEND_FLAGS]
    command += all_faces(checkout)
    done = run(command, checkout, out)
    hashes, facts = read_jobs(jobs_dir)
    facts |= outcome_facts(done)
    facts["files"] = sorted(path.name for path in made.iterdir())
    for path in made.glob("*.blend"):
        reader = Path(__file__).with_name("golden_blend.py")
        lines = run([str(bpy_python), str(reader), str(path)], out, out).stdout.splitlines()
        content = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
        hashes["blend"], facts["blend"] = content["hashes"], content["facts"]
    return hashes, facts


def run(command: list[str], cwd: Path, out: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command with one thread, no GPU, and a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
    own = dict.fromkeys(THREADS, "1") | {
        "BLENDER_TEXT3D_HOME": str(out / "home"),
        "BLENDER_USER_RESOURCES": str(out / "home/blender"),
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "TEXT3D_WORKER_PYTHON": sys.executable,
    }
    return subprocess.run(
        command, cwd=cwd, env=kept | own, input=stdin, capture_output=True, encoding="utf-8", errors="replace"
    )


def outcome_facts(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the exit code of a command, with its last output if it failed."""
    return {"exit code": done.returncode} | ({"stderr": done.stderr[-2000:]} if done.returncode else {})


def fill_in(argument: str, name: str, out: Path) -> str:
    """Return an argument with its placeholder replaced."""
    if argument.startswith("{image:"):
        return str(out / "inputs" / argument[7:-1])
    if argument.startswith("{latent:"):
        latents = list((out / "home/jobs" / argument[8:-1]).glob("*/latent.npz"))
        return str(latents[0]) if latents else "no-latent.npz"
    return {"{prompts}": str(out / "inputs/prompts.txt"), "{out}": str(out / "out" / name)}.get(argument, argument)


def draw_inputs(folder: Path) -> None:
    """Write the prompts file and two images: a chair on white, and a diamond with a transparent background."""
    folder.mkdir(parents=True)
    (folder / "prompts.txt").write_text(PROMPTS, encoding="utf-8")
    chair = np.full((128, 128, 3), 255, np.uint8)
    chair[20:70, 36:92] = (190, 30, 30)
    chair[70:80, 36:92] = (220, 40, 40)
    chair[80:116, 36:44] = chair[80:116, 84:92] = (40, 40, 40)
    Image.fromarray(chair).save(folder / "drawn.png")
    y, x = np.mgrid[:96, :96]
    diamond = np.zeros((96, 96, 4), np.uint8)
    diamond[abs(x - 48) + abs(y - 48) < 40] = (240, 200, 20, 255)
    Image.fromarray(diamond).save(folder / "star.png")


def package_version(name: str) -> str:
    """Return the version of an installed package; "" without it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def flatten(tree: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Return the leaves of nested dictionaries by their path, with slashes."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        here = f"{path}/{name}"
        leaves |= flatten(value, here) if isinstance(value, dict) else {here: value}
    return leaves


def compare(before: Path, after: Path) -> int:
    """Print the differences of two hashes.json files; return 1 if hashes changed or are gone."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    for name in sorted(old["about"].keys() | new["about"].keys()):
        if old["about"].get(name) != new["about"].get(name):
            print(f"{name}: {old['about'].get(name)} before, {new['about'].get(name)} after")
    counts = [print_differences(part, flatten(old[part]), flatten(new[part])) for part in ("hashes", "facts")]
    return 1 if counts[0] else 0


def print_differences(title: str, old: dict[str, Any], new: dict[str, Any]) -> int:
    """Print what differs; return how many leaves changed or are gone."""
    changed = sorted(key for key in old.keys() & new.keys() if old[key] != new[key])
    gone, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    print(f"{title}: {len(old)} before, {len(changed)} changed, {len(gone)} gone, {len(added)} new")
    for key in changed:
        print(f"  changed {key}: {old[key]!r} → {new[key]!r}")
    for change, keys in (("gone", gone), ("new", added)):
        for key in keys:
            print(f"  {change} {key}")
    return len(changed) + len(gone)


def parse_options(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.testing.golden_hashes", description=__doc__.splitlines()[0]
    )
    actions = parser.add_subparsers(dest="action", required=True)
    recording = actions.add_parser("record", help="generate all recipes with a checkout and write OUT/hashes.json")
    recording.add_argument("checkout", type=Path, help="folder of the repository at some commit")
    recording.add_argument("out", type=Path, help="new or empty folder")
    recording.add_argument("--bpy", type=Path, help="a Python with bpy, for the recipe that writes a .blend file")
    recording.add_argument("--only", nargs="+", default=[], metavar="PREFIX", help="first letters of recipe names")
    comparing = actions.add_parser("compare", help="print what differs; exit code 1 if hashes do")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    actions.add_parser("list", help="print the names of the recipes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
