# SPDX-License-Identifier: GPL-3.0-or-later
"""Exporter: writes files of finished jobs, in this Python if it has numpy, else in the worker's."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from blender_text3d.exports.formats import ExportTarget
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.job_folder import JobFolder

REPOSITORY = Path(__file__).resolve().parents[2]


class ExportError(Exception):
    """The files of a job could not be written; the message is the reason."""


class Exporter:
    """Writer of exported files; close it at the end.

    Args:
        python: The worker's Python.
        print_height_mm: Height of objects in the formats for printing, or 0 for the size of the request.
    """

    def __init__(self, python: Path, print_height_mm: float = 0.0) -> None:
        self._python = python
        self._print_height_mm = print_height_mm
        self._child: subprocess.Popen[str] | None = None

    def write(self, job: JobFolder, targets: Sequence[ExportTarget]) -> None:
        """Write files of a finished job.

        Raises:
            ExportError: A file could not be written.
        """
        if not targets:
            return
        error = self._in_process(job, targets) if find_spec("numpy") else self._in_child(job, targets)
        if error:
            raise ExportError(error)

    def close(self) -> None:
        """End the child, if one was started."""
        child, self._child = self._child, None
        if child:
            child.communicate()

    def _in_process(self, job: JobFolder, targets: Sequence[ExportTarget]) -> str:
        from blender_text3d.exports.export_job import export_job

        try:
            export_job(job, targets, self._print_height_mm)
        except (OSError, ValueError, InvalidJob) as error:
            return str(error)
        return ""

    def _in_child(self, job: JobFolder, targets: Sequence[ExportTarget]) -> str:
        named = [(part, format_name, str(path.absolute())) for part, format_name, path in targets]
        task = {"job": str(job.path), "targets": named, "print_height_mm": self._print_height_mm}
        try:
            child = self._started_child()
            assert child.stdin
            assert child.stdout
            child.stdin.write(json.dumps(task) + "\n")
            child.stdin.flush()
            return str(json.loads(child.stdout.readline()))
        except (OSError, ValueError) as error:
            return f"{self._python} could not export it: {error}"

    def _started_child(self) -> subprocess.Popen[str]:
        if self._child is None:
            command = [str(self._python), "-B", "-m", "blender_text3d.exports"]
            self._child = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=os.environ | {"PYTHONUTF8": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sys.stderr if hasattr(sys.stderr, "fileno") else None,
                encoding="utf-8",
            )
        return self._child
