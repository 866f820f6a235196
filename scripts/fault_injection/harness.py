# SPDX-License-Identifier: GPL-3.0-or-later
"""Harness: sessions and expected objects that all rounds share."""

import hashlib
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests

from .follow_jobs import ended

PROMPTS = ("a red chair", "a blue car", "a green tree", "a yellow table")
SMALL = {"steps": 8, "grid": 32, "outputs": "both", "device": "cpu"}


def make_request(model: str = "mini/shap-e", number: int = 0, **choices) -> Request:
    """Return a request for a small object; the same number gives the same request."""
    values = {"seed": 5 + number, "model": model} | SMALL | choices
    return make_requests(PROMPTS[number % len(PROMPTS)], **values)[0]


@dataclass
class Harness:
    """Sessions, expected objects and cleanup of a run.

    Attributes:
        python: The worker's Python.
        bpys: Pythons with the bpy module.
        folder: The folder of all jobs.
        stack: Cleanup at the end of the run.
    """

    python: Path
    bpys: tuple[Path, ...] = ()
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="text3d-faults-")))
    stack: ExitStack = field(default_factory=ExitStack)
    _session: Session | None = None
    _others: dict[str, Session] = field(default_factory=dict)
    _expected: dict[Request, str] = field(default_factory=dict)
    _made: dict[Request, JobFolder] = field(default_factory=dict)
    _versions: dict[Path, str] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """Return the main session, with its own jobs folder."""
        self._session = self._session or Session(self.folder / "jobs", self.python)
        return self._session

    def other(self, name: str, make: Callable[[], Session]) -> Session:
        """Return the session of this name, created on first use."""
        if name not in self._others:
            self._others[name] = make()
        return self._others[name]

    def expected(self, request: Request) -> str:
        """Return the digest of the object that a request must give, made once without faults."""
        if request not in self._expected:
            self._expected[request] = digest(self.made(request))
        return self._expected[request]

    def made(self, request: Request) -> JobFolder:
        """Return the job that made the object without faults."""
        if request not in self._made:
            (job,) = self.session.submit([request])
            last = ended(self.session, [job])[job]
            if last.kind != "finished":
                raise RuntimeError(f"The harness itself does not work: {last}")
            self._made[request] = job
        return self._made[request]

    def events(self, request: Request) -> list:
        """Return the events of a request without faults."""
        return self.made(request).events()

    def version(self, bpy: Path) -> str:
        """Return the version of the bpy module of a Python."""
        if bpy not in self._versions:
            command = [str(bpy), "-c", "import bpy; print('version', bpy.app.version_string.split()[0])"]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            self._versions[bpy] = next(line.split()[1] for line in output.splitlines() if line.startswith("version "))
        return self._versions[bpy]

    def close(self) -> None:
        """End the workers and run the cleanup."""
        for session in filter(None, (self._session, *self._others.values())):
            session.close()
            session.worker.kill()
        self.stack.close()


def digest(job: JobFolder) -> str:
    """Return a hash of a job's geometry and views, equal for equal objects."""
    files = job.last_event().files
    sha = hashlib.sha256()
    for name in ("mesh", "cloud"):
        if name in files:
            for array in vars(load_geometry(job.path / files[name])).values():
                sha.update(array.tobytes())
    for image in sorted(job.view_images.glob("*.png")):
        sha.update(image.read_bytes())
    return sha.hexdigest()
