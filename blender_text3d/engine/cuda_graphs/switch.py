# SPDX-License-Identifier: GPL-3.0-or-later
"""The process-wide switch for CUDA graphs."""

import logging
import os

import torch

LOG = logging.getLogger(__name__)
VARIABLE = "BLENDER_TEXT3D_CUDA_GRAPHS"
OFF = ("0", "off", "no", "false")


class GraphSwitch:
    """On until the first failure, unless the environment forbids graphs or PyTorch was built for AMD's GPUs.

    Attributes:
        notice: a sentence for the user after a failure, or None.
    """

    def __init__(self) -> None:
        self.notice: str | None = None

    def is_on(self) -> bool:
        """True if networks may become graphs."""
        is_allowed = os.environ.get(VARIABLE, "").strip().lower() not in OFF
        return self.notice is None and is_allowed and torch.version.hip is None

    def turn_off(self, reason: str) -> None:
        """Turn graphs off for the rest of the process, with one line in the log; only the first reason counts."""
        if self.notice is None:
            self.notice = (
                f"CUDA graphs are off until the worker restarts: {reason}. The objects are the same, and may take "
                f"longer. {VARIABLE}=0 in the environment turns graphs off for good."
            )
            LOG.warning(self.notice)


SWITCH = GraphSwitch()
"""The one of this process."""
