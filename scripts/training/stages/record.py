# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of stages: a small JSON file next to the first output says how it was made, and whether it is complete."""

import hashlib
import json
import platform
import shutil
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from blender_text3d.system.files import replace_content

from .code_version import code_version
from .stage import Stage

PACKAGES = ("torch", "numpy", "scipy", "numba", "safetensors")
"""Their versions count as code."""
UNFINISHED = (".part", ".checkpoint.pt", ".checkpoint.part")
"""Suffixes of what a stage may leave beside an output file."""


class ForeignFiles(Exception):
    """Files are in the place of outputs that no record is of."""


@dataclass(frozen=True)
class Identity:
    """Everything that determines a stage's outputs: on one machine, equal identities give equal outputs.

    Attributes:
        command: module and arguments.
        inputs: path -> hash of how it was made, or of the content for the user's files.
        code: hash of the code and of the versions of packages.
    """

    command: str
    inputs: dict[str, str]
    code: str

    @property
    def hash(self) -> str:
        """Return one hash for all."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def identity_of(stage: Stage, made: dict[str, str]) -> Identity:
    """Return the identity of a stage, given path -> hash of the outputs of earlier stages."""
    inputs = {path: made[path] for path in stage.inputs} | {path: content_hash(Path(path)) for path in stage.others}
    code = " ".join([code_version(f"scripts.training.{stage.module}"), platform.python_version(), *package_versions()])
    return Identity(stage.command, inputs, hashlib.sha256(code.encode()).hexdigest())


@cache
def package_versions() -> list[str]:
    """Return the versions of the packages that count as code."""
    return [version(name) for name in PACKAGES]


def recorded_identity(folder: Path, stage: Stage) -> Identity:
    """Return how a finished stage was made, which is by other code if such outputs were kept."""
    record = read_record(folder, stage)
    assert record is not None
    return Identity(**record["identity"])


def content_hash(path: Path) -> str:
    """Return a hash of a file, or of all files in a folder and their names."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(str(file.relative_to(path)).encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def record_path(folder: Path, stage: Stage) -> Path:
    """Return the path of a stage's record."""
    return folder / f"{stage.outputs[0]}.json"


def read_record(folder: Path, stage: Stage) -> dict | None:
    """Return a stage's record, or None if there is none that can be read."""
    try:
        record = json.loads(record_path(folder, stage).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and {"identity", "is_complete", "seconds"} <= record.keys() else None


def state_of(folder: Path, stage: Stage, identity: Identity, *, any_code: bool = False) -> str:
    """Return "done", "interrupted", or why a stage is made: "new", "damaged", or "changed" and a field of `Identity`.

    Args:
        folder: of the training.
        stage: the stage.
        identity: how it would be made now.
        any_code: accept complete outputs of other code.

    Raises:
        ForeignFiles: an output exists that no record is of.
    """
    record = read_record(folder, stage)
    if record is None:
        if found := [path for path in stage.outputs if (folder / path).exists()]:
            raise ForeignFiles(
                f"{folder / found[0]} exists, but {record_path(folder, stage).name} next to it, which would say how it "
                "was made, is missing or damaged. Move it away, or delete it to have it made."
            )
        return "new"
    if difference := changed(record["identity"], asdict(identity), any_code and record["is_complete"]):
        return f"changed {difference}"
    if not record["is_complete"]:
        return "interrupted"
    return "done" if record.get("files") == sizes(folder, stage) else "damaged"


def changed(old: dict, new: dict, any_code: bool) -> str:
    """Return which part of an identity has changed, or ""."""
    parts = ("command", "inputs") if any_code else ("command", "code", "inputs")
    return next((part for part in parts if old.get(part) != new[part]), "")


def sizes(folder: Path, stage: Stage) -> dict[str, int]:
    """Return path -> bytes of all files of a stage's outputs."""
    roots = [folder / path for path in stage.outputs]
    files = [
        file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*"))) if file.is_file()
    ]
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}


def write_record(folder: Path, stage: Stage, identity: Identity, seconds: float, *, is_complete: bool) -> None:
    """Write a stage's record atomically.

    Raises:
        OSError: it cannot be written.
    """
    path = record_path(folder, stage)
    path.parent.mkdir(parents=True, exist_ok=True)
    files = sizes(folder, stage) if is_complete else {}
    record = {"is_complete": is_complete, "seconds": round(seconds, 1), "identity": asdict(identity), "files": files}
    replace_content(path, (json.dumps(record, indent=1) + "\n").encode())


def remove_outputs(folder: Path, stage: Stage) -> None:
    """Remove a stage's outputs, its record last, and its checkpoints and unfinished files."""
    for output in map(folder.joinpath, stage.outputs):
        if output.is_dir():
            shutil.rmtree(output)
        output.unlink(missing_ok=True)
        for suffix in UNFINISHED if output.suffix else ():
            output.with_suffix(suffix).unlink(missing_ok=True)
    record_path(folder, stage).unlink(missing_ok=True)
