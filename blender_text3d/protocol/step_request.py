# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests on the kept steps of a finished job."""

from dataclasses import replace
from pathlib import Path

from .models import STEPS
from .request import Request

PREVIEW_GRID = 32
"""Grid of meshes that are only looked at: some 4,000 faces each."""


def decoding_request(request: Request, steps: Path, grid: int = 0) -> Request:
    """Return the request of a job that decodes every step of another one.

    Args:
        request: The other job's request.
        steps: Its steps.npz.
        grid: Grid points per side; 0 for those of the request.
    """
    own = replace(request, image="", object="", vary=0.0, step=0, views=0, viewer="", comparison="")
    return replace(own, latent=str(steps), outputs=STEPS, grid=grid or request.grid)
