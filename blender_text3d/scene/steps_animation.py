# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframes that play the denoising steps of an object."""

import bpy

from .fcurves import curves_of, remove_keys
from .steps import show_step, step_count, step_path, step_property, steps_modifier


def key_steps(target: bpy.types.Object, start: int, frames_per_step: int) -> int:
    """Key every step of an object that has steps, in place of earlier keys; returns the frame of the last one.

    Args:
        target: The object.
        start: Frame of step 1.
        frames_per_step: Frames that each step stays.
    """
    modifier = steps_modifier(target)
    path = step_path(modifier)
    remove_keys(target, path)
    frame = start
    for step in range(1, step_count(target) + 1):
        frame = start + (step - 1) * frames_per_step
        show_step(target, step)
        data, name = step_property(modifier)
        data.keyframe_insert(name, frame=frame)
    for _, curve in curves_of(target, path):
        for point in curve.keyframe_points:
            point.interpolation = "CONSTANT"
    return frame
