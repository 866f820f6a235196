# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of a three-step model → PNG files of the job folder."""

from typing import TYPE_CHECKING

from ...protocol.events import ViewChosen
from ...protocol.job_folder import JobFolder

if TYPE_CHECKING:
    import numpy as np

    from ...engine.recipe import ViewChoice


class ViewFiles:
    """Writer of view_0.png and so on, and of view.png.

    Attributes:
        names: Names of the written files by kind: view, view_0, view_1 …
    """

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder
        self._candidates: np.ndarray | None = None
        self.names: dict[str, str] = {}

    def save(self, candidates: "np.ndarray") -> None:
        """Write the candidates (N, H, W, 3) uint8 sRGB at once, so that they are there whatever happens later.

        Raises:
            OSError: The job folder cannot be written.
        """
        from .image_files import save_png

        self._candidates = candidates
        for index, picture in enumerate(candidates):
            path = self._folder.view_candidate(index)
            save_png(path, picture)
            self.names[path.stem] = path.name

    def choose(self, choice: "ViewChoice") -> ViewChosen:
        """Write the chosen candidate as view.png, too; return the event that tells which it is.

        Raises:
            OSError: The job folder cannot be written.
        """
        from .image_files import save_png

        assert self._candidates is not None, "the candidates come before the choice"
        path = self._folder.view
        save_png(path, self._candidates[choice.index])
        self.names[path.stem] = path.name
        return ViewChosen(
            view=self._folder.view_candidate(choice.index).name,
            total=len(self._candidates),
            score=choice.scores[choice.index],
            scored_by=choice.scored_by,
        )
