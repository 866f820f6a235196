# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports in a Python that has numpy, for scripts that run in one without: `python -m blender_text3d.exports`.

Each line of stdin is a task, {"job", "targets": [[part, format, path], …], "print_height_mm"}; each line of stdout is
its error message as JSON, or "".
"""

import json
import sys
from pathlib import Path
from typing import Any

from ..protocol.errors import InvalidJob
from ..protocol.job_folder import JobFolder
from .export_job import export_job
from .formats import ExportTarget


def main() -> int:
    """Do each task until stdin is closed."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(error_of(json.loads(line))) + "\n")
        sys.stdout.flush()
    return 0


def error_of(task: dict[str, Any]) -> str:
    """Write the files of one job; returns why that failed, or ""."""
    targets = [ExportTarget(part, format_name, Path(path)) for part, format_name, path in task["targets"]]
    try:
        export_job(JobFolder(Path(task["job"])), targets, task["print_height_mm"])
    except (OSError, ValueError, InvalidJob) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main())
