# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that copy or vary the selected objects."""

from ...system.lazy_dataclass import lazy_dataclass


@lazy_dataclass(frozen=True)
class Encoding:
    """The selected objects and what to make of them.

    Attributes:
        objects: Their session UIDs, that of the active one first.
        name: Name of the first one.
        scene_name: Their scene.
        into: REPLACE for a version of the object, if it can have one, or NEW.
        vary: Strength of the variation; 0 for a copy.
        prompt: The words that it follows.
        image: Path of the image that it follows instead, or "".
        results: Number of results.
    """

    objects: tuple[int, ...]
    name: str
    scene_name: str
    into: str
    vary: float = 0.0
    prompt: str = ""
    image: str = ""
    results: int = 1
