# SPDX-License-Identifier: GPL-3.0-or-later
"""ClusterRun: a run of batch.cluster over many objects, as a child process that is followed by its log."""

import json
import time
from pathlib import Path

from ..protocol.request import DEFAULTS, SEEDS, SETTINGS, Request
from ..protocol.wedge import listed_settings
from ..system.child import Child
from ..system.files import create_exclusive
from ..system.user_folders import HOME_VARIABLE
from .run_status import FollowedRun

MAX_OBJECTS = 100_000
MAX_COUNT_OF_LINE = 100
"""As many as one line of a list may ask for."""
FOLDER_NAME, LIST_STEM = "cluster", "list"
NOT_IN_FLAGS = ("prompt", "seed", "image", "device", "viewer", "comparison", "solver")
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
"""Of lists that are not one prompt a line."""


class ClusterRun(FollowedRun, Child):
    """A run on all cores and GPUs of this machine or on those of a Ray cluster; finished jobs go to the jobs folder.

    Only its log, on this machine, is read while it runs: the output folder may be on a slow network drive.

    Attributes:
        folder: The output folder.
    """

    def __init__(self, python: Path, folder: Path, listed: Path, jobs_dir: Path, request: Request, address: str = ""):
        """Prepare the command, and start nothing.

        Args:
            python: The worker's Python.
            folder: The output folder.
            listed: The list of prompts.
            jobs_dir: The folder that receives the job of each object.
            request: Gives the settings that the list does not name.
            address: Address of a Ray cluster; "" for this machine alone.
        """
        arguments = ["--jobs", str(listed), "--out", str(folder), "--keep-jobs", str(jobs_dir), "--json"]
        arguments += ["--seed", str(request.seed), *setting_flags(request)]
        arguments += ["--address", address] if address else []
        variables = {HOME_VARIABLE: str(jobs_dir.parent)}
        log = jobs_dir.parent / FOLDER_NAME / f"{folder.name}.log"
        super().__init__(str(python), "batch.cluster", arguments, log, variables)
        self.folder = folder


def setting_flags(request: Request) -> list[str]:
    """Return the settings of a request that are not their defaults as flags of a command line."""
    flags: list[str] = []
    for name in listed_settings([request]):
        setting, value = SETTINGS.get(name), getattr(request, name)
        if name in NOT_IN_FLAGS or not (setting and setting.flags):
            continue
        flag = setting.flags[0]
        if isinstance(value, bool):
            flags.append(flag if value else flag.replace("--", "--no-", 1))
        elif value != DEFAULTS[name]:
            flags.append(f"{flag}={value}")
    return flags


def new_folder(parent: Path) -> Path:
    """Create a folder for a run, named by the time.

    Raises:
        OSError: It cannot be created.
    """
    parent.mkdir(parents=True, exist_ok=True)
    stem, number = time.strftime("run-%Y%m%d-%H%M%S"), 1
    while True:
        folder = parent / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def write_list(folder: Path, request: Request, count: int, image: str = "") -> Path:
    """Write the list of one prompt or image with consecutive seeds; returns its path.

    Args:
        folder: The folder of the run.
        request: The first object.
        count: Number of objects.
        image: Name of the image in that folder, or "".

    Raises:
        OSError: It cannot be written.
    """
    source = {"prompt": request.prompt} | ({"image": image} if image else {})
    starts = range(0, count, MAX_COUNT_OF_LINE)
    lines = [
        {**source, "seed": (request.seed + start) % SEEDS, "count": min(MAX_COUNT_OF_LINE, count - start)}
        for start in starts
    ]
    return write_text(folder, "".join(f"{json.dumps(line)}\n" for line in lines), ".jsonl")


def write_prompts(folder: Path, text: str, name: str, count: int) -> Path:
    """Write a list that the user has typed; returns its path.

    Args:
        folder: The folder of the run.
        text: A prompt a line, CSV or JSON lines.
        name: Name of the text, whose ending tells its kind.
        count: Number of objects per line that names none; only lists of prompts take one.

    Raises:
        OSError: It cannot be written.
    """
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        return write_text(folder, text, suffix)
    prompts = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    lines = [json.dumps({"prompt": prompt, "count": count}) for prompt in prompts]
    return write_text(folder, "".join(f"{line}\n" for line in lines), ".jsonl")


def write_text(folder: Path, text: str, suffix: str) -> Path:
    """Write a list to a folder that has none; returns its path.

    Raises:
        OSError: It cannot be written.
    """
    path = folder / f"{LIST_STEM}{suffix}"
    if not create_exclusive(path, text):
        raise FileExistsError(f"{path} exists already")
    return path
