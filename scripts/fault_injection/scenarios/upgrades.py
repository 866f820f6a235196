# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on is reloaded, or a newer zip installed over it, while a job runs: its object comes, once, and is right."""

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

SIDE = CHILDREN / "extension_process.py"
MAX_DELAY_S = {"queued": 0.5, "load": 3.0}
QUICK_S = 0.3


def zips(round_: Round) -> tuple[Path, Path]:
    """The add-on as a zip, and the same with a higher version."""
    old, newer = round_.bench.folder / "zips", round_.bench.folder / "newer.zip"
    if not newer.exists():
        with zipfile.ZipFile(build(old)) as source, zipfile.ZipFile(newer, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                is_manifest = name == "blender_manifest.toml"
                target.writestr(name, content.replace(b'\nversion = "', b'\nversion = "9') if is_manifest else content)
    return next(old.glob("*.zip")), newer


def renew(round_: Round, act: str) -> None:
    """One round: at a random moment after the stage was told of."""
    model, number = round_.chance.choice(tuple(STAGES)), round_.chance.choice((0, 4))
    expected = round_.bench.expected(make_request(model, number))
    stage = round_.chance.choice(("queued", "load", *STAGES[model][-3:]))
    after_s = round_.chance.uniform(0, MAX_DELAY_S.get(stage, QUICK_S))
    zip_, newer = zips(round_)
    asked = {"act": act, "zip": str(zip_), "newer": str(newer), "model": model, "seed": 5 + number}
    said = said_by_blender(round_, asked | {"stage": stage, "after_s": after_s})
    require(len(set(said["standing"])) == 1, f"{act} in {stage} after {after_s:.2f} s: {said}")
    require(said["told"] or said["standing"][0] == said["asked"], f"another job was made, and nothing was told: {said}")
    job = JobFolder(round_.folder / "home" / "jobs" / said["standing"][0])
    require(digest(job) == expected, "another object came out")


def said_by_blender(round_: Round, asked: dict) -> dict:
    """What it printed last; neither it nor the worker met an error."""
    own = {"TEXT3D_WORKER_PYTHON": str(round_.bench.python), "BLENDER_TEXT3D_HOME": str(round_.folder / "home")}
    own["BLENDER_USER_RESOURCES"] = str(round_.folder / "blender")
    done = subprocess.run(
        [str(round_.bpy), str(SIDE), json.dumps(asked)], env=os.environ | own, timeout=HANG_S,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    require("Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr)
    found = [line for line in done.stdout.splitlines() if line.startswith('{"asked"')]
    require(found, f"Blender ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(found[-1])


FAULTS = [
    Fault("Add-on: scripts reloaded, any stage", partial(renew, act="reload"), is_dear=True, needs="bpy"),
    Fault("Add-on: newer zip installed over it, any stage", partial(renew, act="upgrade"), is_dear=True, needs="bpy"),
]
