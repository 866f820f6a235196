# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs: launching many small kernels takes the host longer than running them, so they are replayed as one.

They were never run on a real GPU. So each is compared with its network before it is used, and the first error, too
little memory or a difference ends their use for the rest of the process, which goes on as without them.
"""

from .graphed import graphed, release_graphs
from .switch import SWITCH, VARIABLE

__all__ = ["SWITCH", "VARIABLE", "graphed", "release_graphs"]
