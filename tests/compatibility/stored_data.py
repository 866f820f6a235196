# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the data that version 0.1.0 wrote, made ready to be read: see README.md."""

import json
import os
import platform
import shutil
import sys
from pathlib import Path

from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.system.machine import machine_id

DATA = Path(__file__).with_name("data")
JOB_NAMES: dict[str, str] = json.loads((DATA / "jobs.json").read_text(encoding="utf-8"))
WEIGHTS_TIME_NS = 1_790_000_000_000_000_000
STORED_HOST, STORED_MACHINE = "studio", "0123456789abcdef"


def copy_data_folder(target: Path) -> Path:
    """Copy the stored data folder and restore the file times that the stamps of the weights hold."""
    shutil.copytree(DATA / "data-folder", target)
    for path in (target / "weights").rglob("*"):
        os.utime(path, ns=(WEIGHTS_TIME_NS, WEIGHTS_TIME_NS))
    return target


def stored_job(data_dir: Path, name: str) -> JobFolder:
    """The job folder with a name of jobs.json in a copied data folder."""
    return JobFolder(data_dir / "jobs" / JOB_NAMES[name])


def stored_values(name: str) -> dict:
    """The content of a job's request.json, unparsed."""
    return json.loads((DATA / "data-folder/jobs" / JOB_NAMES[name] / "request.json").read_text(encoding="utf-8"))


def adopt_jobs(data_dir: Path) -> None:
    """Let all copied jobs be jobs of this machine; their processes are gone, since the boot id is another."""
    for path in [*data_dir.glob("jobs/*/*.json"), *data_dir.glob("jobs/*/events.jsonl")]:
        text = path.read_text(encoding="utf-8")
        text = text.replace(f'"host": "{STORED_HOST}"', f'"host": {json.dumps(platform.node())}')
        path.write_text(text.replace(STORED_MACHINE, machine_id()), encoding="utf-8")


def add_python(venv_dir: Path) -> Path:
    """Put a link to this Python where a virtual environment has its own."""
    python = venv_dir / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True, exist_ok=True)
    python.symlink_to(sys.executable)
    return python
