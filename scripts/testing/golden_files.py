# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashes of generated files, and facts about job folders, for golden_hashes.py."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HASHED = {".npz", ".glb", ".ply", ".png"}
VARYING = {"preview.npz", "job.rrd"}
"""Not hashed: the step in a preview depends on time, and a recording holds times."""


def read_jobs(jobs_dir: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return hashes and facts of every job in a folder; keys are prompt, model and seed."""
    hashes: dict[str, Any] = {}
    facts: dict[str, Any] = {"jobs": {}}
    folders = sorted(path for path in jobs_dir.iterdir() if path.is_dir()) if jobs_dir.is_dir() else []
    for job in folders:
        request = json.loads((job / "request.json").read_text(encoding="utf-8"))["request"]
        key = f"{request['prompt']} | {request['model']} | {request['seed']}"
        files = sorted(path for path in job.rglob("*") if path.is_file())
        hashes[key] = {
            path.relative_to(job).as_posix(): file_hashes(path)
            for path in files
            if path.suffix in HASHED and path.name not in VARYING and not path.name.startswith("input_")
        }
        facts["jobs"][key] = job_facts(job, files, request)
    return hashes, facts


def job_facts(job: Path, files: list[Path], request: dict[str, Any]) -> dict[str, Any]:
    """Return what a job reported: file names, kinds of events, stages, notices, the last event."""
    events = [json.loads(line) for line in (job / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds: list[str] = []
    stages: list[list[Any]] = []
    for event in events:
        if kinds[-1:] != [event["kind"]]:
            kinds.append(event["kind"])
        stage = [event.get("stage"), event.get("of")]
        if event["kind"] == "stepped" and stages[-1:] != [stage]:
            stages.append(stage)
    return {
        "files": [path.relative_to(job).as_posix() for path in files],
        "kinds": kinds,
        "stages": stages,
        "last": {key: value for key, value in events[-1].items() if key not in ("time", "elapsed_s")},
        "notices": [event["message"] for event in events if event["kind"] == "notice"],
        "request": {key: value for key, value in request.items() if key != "comparison"},
        "keys": {event["kind"]: sorted(event) for event in events},
    }


def file_hashes(path: Path) -> dict[str, str]:
    """Return the hash of each array of an .npz file, else of the bytes, and of the pixels of a .png file."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return {name: array_hash(arrays[name]) for name in sorted(arrays.files)}
    hashes = {"bytes": hashlib.sha256(path.read_bytes()).hexdigest()}
    if path.suffix == ".png":
        with Image.open(path) as image:
            hashes["pixels"] = array_hash(np.asarray(image))
    return hashes


def array_hash(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's dtype, shape and bytes."""
    head = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(head + array.tobytes()).hexdigest()
