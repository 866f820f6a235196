# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on is reloaded or upgraded while a job runs: the object is imported once, and is right."""

import json
import os
import subprocess
import zipfile
from functools import partial
from pathlib import Path

from blender_text3d.protocol.job_folder import JobFolder
from scripts.build_extension import build

from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S
from ..harness import digest, make_request
from ..random_moments import STAGES

PROGRAM = CHILDREN / "extension_process.py"
MAX_DELAY_S = {"queued": 0.5, "load": 3.0}
DEFAULT_DELAY_S = 0.3


def zips(round_: Round) -> tuple[Path, Path]:
    """Return the add-on as a zip, and one with a higher version."""
    old, newer = round_.harness.folder / "zips", round_.harness.folder / "newer.zip"
    if not newer.exists():
        with zipfile.ZipFile(build(old)) as source, zipfile.ZipFile(newer, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                is_manifest = name == "blender_manifest.toml"
                target.writestr(name, content.replace(b'\nversion = "', b'\nversion = "9') if is_manifest else content)
    return next(old.glob("*.zip")), newer


def reload_or_upgrade(round_: Round, action: str) -> None:
    """Run one round: reload or upgrade at a random moment after a stage has started."""
    model, number = round_.rng.choice(tuple(STAGES)), round_.rng.choice((0, 4))
    expected = round_.harness.expected(make_request(model, number))
    stage = round_.rng.choice(("queued", "load", *STAGES[model][-3:]))
    after_s = round_.rng.uniform(0, MAX_DELAY_S.get(stage, DEFAULT_DELAY_S))
    zip_, newer = zips(round_)
    options = {"action": action, "zip": str(zip_), "newer": str(newer), "model": model, "seed": 5 + number}
    report = report_of_blender(round_, options | {"stage": stage, "after_s": after_s})
    require(len(set(report["imported"])) == 1, f"{action} in {stage} after {after_s:.2f} s: {report}")
    require(
        report["message"] or report["imported"][0] == report["submitted"],
        f"another job was made without a message: {report}",
    )
    job = JobFolder(round_.folder / "home" / "jobs" / report["imported"][0])
    require(digest(job) == expected, "the object differs")


def report_of_blender(round_: Round, options: dict) -> dict:
    """Run Blender and return its report; neither it nor the worker may print a traceback."""
    own = {"TEXT3D_WORKER_PYTHON": str(round_.harness.python), "BLENDER_TEXT3D_HOME": str(round_.folder / "home")}
    own["BLENDER_USER_RESOURCES"] = str(round_.folder / "blender")
    done = subprocess.run(
        [str(round_.bpy), str(PROGRAM), json.dumps(options)], env=os.environ | own, timeout=HANG_S,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    require("Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr)
    found = [line for line in done.stdout.splitlines() if line.startswith('{"submitted"')]
    require(found, f"Blender ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(found[-1])


FAULTS = [
    Fault(
        "Add-on: scripts reloaded, any stage", partial(reload_or_upgrade, action="reload"), is_slow=True, needs="bpy"
    ),
    Fault(
        "Add-on: newer zip installed over it, any stage",
        partial(reload_or_upgrade, action="upgrade"),
        is_slow=True,
        needs="bpy",
    ),
]
