# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds of all steps of a run: collected while it samples, and on disk, where each can become a mesh."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar

from ...geometry import PointCloud
from ...geometry.step_geometry import load_step_geometry
from ..recipe import IndexedStep, Preview, Recipe, require_step

Value = TypeVar("Value")


class WrongSteps(Exception):
    """A file contains no steps of a point cloud; the message says which, and what to do."""


class StepClouds:
    """The clouds of a running batch after each step; nothing is copied from the device before they are asked for.

    Args:
        recipes: recipes of the batch; those that want no steps are not followed.
    """

    def __init__(self, recipes: Sequence[Recipe]) -> None:
        self._recipes = recipes
        self._steps: list[list[Preview]] = [[] for _ in recipes]

    def follow(self, steps: Generator[IndexedStep, None, Value]) -> Generator[IndexedStep, None, Value]:
        """Pass the steps of one stage on, and keep their clouds."""
        begins = list(map(len, self._steps))
        while True:
            try:
                index, step = next(steps)
            except StopIteration as end:
                value: Value = end.value
                return value
            recipe = self._recipes[index]
            if step.preview and (recipe.keep_steps or recipe.step):
                if step.index == 1:  # the run that replaces a diverged one drops that one's
                    del self._steps[index][begins[index] :]
                self._steps[index].append(step.preview)
            yield index, step

    def of(self, index: int) -> tuple[PointCloud, ...]:
        """Return the clouds of one recipe if it keeps them, in model space."""
        clouds = (preview() for preview in self._steps[index]) if self._recipes[index].keep_steps else ()
        return tuple(cloud for cloud in clouds if isinstance(cloud, PointCloud))

    def chosen(self, index: int, cloud: PointCloud) -> PointCloud:
        """Return the final cloud of one recipe, or that of its step.

        Raises:
            NoSuchStep: the run had fewer steps.
        """
        step = self._recipes[index].step
        require_step(step, len(self._steps[index]))
        made = self._steps[index][step - 1]() if step else cloud
        return made if isinstance(made, PointCloud) else cloud


def load_cloud(path: Path, step: int) -> PointCloud:
    """Return the cloud of one step, from 1, in a job's steps.npz; 0 is the last step.

    Raises:
        WrongSteps: the file does not exist or contains no clouds. NoSuchStep: it has fewer steps.
    """
    what_to_do = "Choose the steps.npz of a Point-E job, or generate the object again."
    try:
        clouds = load_step_geometry(path)
    except OSError as error:
        raise WrongSteps(f"The steps {path} cannot be read ({error.strerror}). {what_to_do}") from error
    except ValueError as error:
        raise WrongSteps(str(error)) from error
    require_step(step, len(clouds))
    cloud = clouds[step - 1]
    if not isinstance(cloud, PointCloud) or not len(cloud.points):
        raise WrongSteps(f"{path.name} contains no point cloud. {what_to_do}")
    return cloud
