# SPDX-License-Identifier: GPL-3.0-or-later
"""The request of a draft of Live: the panel's settings in draft quality, at a fixed seed."""

import bpy

from ...protocol.errors import BadRequest
from ...protocol.request import Request, make_requests
from ..settings.input_kind import TEXT, input_kind
from ..settings.view_settings import model_of_words
from ..state.prompt_check import check_prompt
from . import panel_request

QUALITY = "draft"


def draft_request(scene: bpy.types.Scene, seed: int) -> Request | None:
    """Return the request of a draft with the panel's settings, or None if these make no object."""
    settings = panel_request.settings_of(scene)
    check = check_prompt(settings.prompt, model_of_words(settings))
    if input_kind(settings) != TEXT or (check is not None and not check.names_object) or not settings.prompt.strip():
        return None
    values = {
        name: value
        for name, value in panel_request.request_kwargs(settings).items()
        if name not in panel_request.SAMPLING
    }
    try:
        fixed = {"quality": QUALITY, "seed": seed, "count": 1, "outputs": "mesh", "viewer": ""}
        return make_requests(**{**values, **fixed})[0]
    except BadRequest:
        return None
