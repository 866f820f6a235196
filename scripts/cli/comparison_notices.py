# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences on the comparisons of a list of prompts."""

from blender_text3d.prompts.compared_kinds import kinds_notice
from blender_text3d.protocol.comparison import comparison_notice
from blender_text3d.protocol.request import Request


def comparison_notices(requests: list[Request], model: str) -> list[str]:
    """Return which models are compared instead of one without a counterpart, and what only one of them knows.

    Args:
        requests: The requests, two for each prompt.
        model: The model that was asked for.
    """
    pairs = zip(requests[::2], requests[1::2], strict=True)
    kinds = [kinds_notice(a.prompt, (a.model, b.model)) for a, b in pairs if not a.image]
    return [notice for notice in dict.fromkeys((comparison_notice(model), *kinds)) if notice]
