# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheet: results with consecutive seeds on a grid, of which the user keeps some. No bpy."""

import math
from enum import StrEnum

from ...system.lazy_dataclass import lazy_dataclass

Vector3 = tuple[float, float, float]

SPACING = 1.3
"""Distance of two cells, relative to the size of the objects."""
STEEP = 0.8
"""Sine of the angle from which on a view counts as from above or below."""


class Mark(StrEnum):
    """The user's decision on a result."""

    NONE = ""
    KEPT = "kept"
    REJECTED = "rejected"


@lazy_dataclass
class Cell:
    """One place of the sheet.

    Attributes:
        location: Location of the object in the scene.
        job_id: The job whose object is here.
        seed: Seed of the job.
        mark: The user's decision.
    """

    location: Vector3
    job_id: str
    seed: int
    mark: Mark = Mark.NONE


@lazy_dataclass
class ContactSheet:
    """The sheet while the user chooses.

    Attributes:
        cells: The cells, row by row, the top row first.
        columns: Cells in a row.
        size: Longest side of an object in Blender units.
        scene_name: Scene of the objects.
        center: Center of the lowest row, in Blender units.
        right: Unit vector along the rows.
        current: Index of the cell that keys act on.
        previous: Index of the cell that was current before.
        hovered: Index of the cell under the mouse, or None.
        follows_mouse: True if the current cell was chosen with the mouse, so that marks leave it current.
        is_comparing: True while only the current and the previous cell are shown.
    """

    cells: list[Cell]
    columns: int
    size: float
    scene_name: str
    center: Vector3 = (0.0, 0.0, 0.0)
    right: Vector3 = (1.0, 0.0, 0.0)
    current: int = 0
    previous: int = 0
    hovered: int | None = None
    follows_mouse: bool = False
    is_comparing: bool = False

    def go_to(self, index: int) -> None:
        """Make a cell the current one."""
        if index != self.current and 0 <= index < len(self.cells):
            self.previous, self.current = self.current, index

    def hover(self, index: int | None) -> None:
        """Note which cell the mouse is over, and make one that it has come to the current one."""
        if index == self.hovered:  # a mouse that trembles takes nothing from the keys
            return
        self.hovered = index
        if index is not None:
            self.go_to(index)
            self.follows_mouse = True

    def move(self, columns: int, rows: int) -> None:
        """Move by columns to the right and rows down; at an edge nothing happens."""
        self.follows_mouse = False
        column, row = self.current % self.columns + columns, self.current // self.columns + rows
        if 0 <= column < self.columns and row >= 0:
            self.go_to(row * self.columns + column)

    def toggle(self, mark: Mark) -> None:
        """Mark the current cell, or take the same mark away.

        After a mark, the next cell without one is current, unless the mouse points at the cell that was marked.
        """
        cell = self.cells[self.current]
        cell.mark = Mark.NONE if cell.mark == mark else mark
        if cell.mark and not self.follows_mouse and (following := self.next_unmarked()) is not None:
            self.go_to(following)

    def next_unmarked(self) -> int | None:
        """Return the next cell without a mark, from the current one on and around, or None."""
        order = [(self.current + step) % len(self.cells) for step in range(1, len(self.cells))]
        return next((index for index in order if not self.cells[index].mark), None)

    def rejected(self) -> list[Cell]:
        """Return the rejected cells."""
        return [cell for cell in self.cells if cell.mark == Mark.REJECTED]

    def kept_job_ids(self) -> set[str]:
        """Return the jobs whose objects stay; all, if the user has decided nothing."""
        kept = {cell.job_id for cell in self.cells if cell.mark == Mark.KEPT}
        if kept:
            return kept
        return {cell.job_id for cell in self.cells if cell.mark != Mark.REJECTED}

    def row_locations(self, job_ids: set[str]) -> dict[str, Vector3]:
        """Return places for results by job: a row on the ground, since nothing should hang in the air."""
        ordered = [cell.job_id for cell in self.cells if cell.job_id in job_ids]
        return dict(zip(ordered, cell_locations_in_row(len(ordered), self.center, self.size, self.right), strict=True))

    def shown_job_ids(self) -> set[str]:
        """Return the jobs whose objects are visible now."""
        cells = [self.cells[self.current], self.cells[self.previous]] if self.is_comparing else self.cells
        return {cell.job_id for cell in cells if self.is_comparing or cell.mark != Mark.REJECTED}

    def replace(self, cell: Cell, job_id: str, seed: int) -> None:
        """Put a new job into a cell."""
        cell.job_id, cell.seed, cell.mark = job_id, seed, Mark.NONE


def column_count(count: int) -> int:
    """Return the columns of a sheet that is as square as possible."""
    return math.ceil(math.sqrt(count))


def cell_locations(
    count: int, center: Vector3, size: float, right: Vector3, up: Vector3, *, columns: int = 0
) -> list[Vector3]:
    """Return the locations of the cells, row by row, the top row first.

    Args:
        count: Number of cells.
        center: Center of the lowest row, in Blender units.
        size: Longest side of an object in Blender units.
        right, up: Unit vectors along the rows and against the columns.
        columns: Cells in a row; 0 for a grid that is as square as possible.
    """
    columns = columns or column_count(count)
    rows, step = math.ceil(count / columns), SPACING * size
    places = [(index % columns - (columns - 1) / 2, rows - 1 - index // columns) for index in range(count)]
    return [added(center, (right, step * across), (up, step * above)) for across, above in places]


def cell_locations_in_row(count: int, center: Vector3, size: float, right: Vector3) -> list[Vector3]:
    """Return places side by side, around a center, as far from each other as cells."""
    return [added(center, (right, SPACING * size * (index - (count - 1) / 2))) for index in range(count)]


def added(start: Vector3, *moves: tuple[Vector3, float]) -> Vector3:
    """Return a point moved along vectors by factors."""
    x, y, z = (start[axis] + sum(vector[axis] * factor for vector, factor in moves) for axis in range(3))
    return x, y, z


def grid_axes(view_right: Vector3, view_up: Vector3, view_back: Vector3) -> tuple[Vector3, Vector3]:
    """Return right and up of a grid that faces a view, so that objects on it stay upright.

    Seen from the side the rows stand above each other; seen from above they lie on the ground.

    Args:
        view_right, view_up, view_back: Axes of the view in world space; the last one points to the viewer.
    """
    right = horizontal(view_right) or (1.0, 0.0, 0.0)
    if abs(view_back[2]) < STEEP:
        return right, (0.0, 0.0, 1.0)
    return right, horizontal(view_up) or (0.0, 1.0, 0.0)


def horizontal(vector: Vector3) -> Vector3 | None:
    """Return the unit vector of the horizontal part, or None if there is none."""
    length = math.hypot(vector[0], vector[1])
    return (vector[0] / length, vector[1] / length, 0.0) if length > 1e-6 else None
