# SPDX-License-Identifier: GPL-3.0-or-later
"""The candidates for a view that a job has made. No bpy."""

from pathlib import Path

from ...protocol.job_folder import JobFolder
from ...system.lazy_dataclass import lazy_dataclass


@lazy_dataclass(frozen=True)
class Views:
    """The views of one job, from which the user picks.

    Attributes:
        folder: The job.
        prompt: Its prompt, which names the object of a picked view.
        total: Number of views.
        chosen: File name of the one that became the object without the user, or "".
    """

    folder: JobFolder
    prompt: str
    total: int
    chosen: str = ""

    @property
    def paths(self) -> list[Path]:
        """The files of the views."""
        return [self.folder.view_candidate(index) for index in range(self.total)]
