# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that the names and IDs of objects are made of."""

from ..protocol.stored_names import to_stored
from .prompt_lists.setting_flags import BLEND_SETTINGS

NAMED = {"prompt", "model", "seed", "outputs", "quality", "steps", "guidance", "grid", "size_m", "image", "latent"}
NAMED |= {"views", "view_mode", "view_size", "comparison"}
"""Settings that every file name includes. Newer ones are left out at their default, to continue older batches."""
UNRELATED = to_stored(dict.fromkeys(("device", "viewer", "comparison", "keep_steps", *BLEND_SETTINGS))).keys()
"""Settings that change no file of an object."""
