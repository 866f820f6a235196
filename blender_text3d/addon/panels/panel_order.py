# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the panels in the sidebar; main.py draws the order inside the first one.

The panel of the active object stands above the results, whose height changes, so that its buttons stay in place.
"""

from . import (
    assets,
    export,
    jobs,
    main,
    mesh_tools,
    messages,
    parts,
    presets,
    prompt_history,
    prompt_words,
    recipe,
    results,
    selected_object,
    setup,
    steps,
    surface,
    versions,
    weights,
)

PANELS = (
    *presets.CLASSES,
    *main.CLASSES,
    *messages.CLASSES,
    *prompt_history.CLASSES,
    *prompt_words.CLASSES,
    *versions.CLASSES,
    *recipe.CLASSES,
    *selected_object.CLASSES,
    *mesh_tools.CLASSES,
    *surface.CLASSES,
    *parts.CLASSES,
    *steps.CLASSES,
    *assets.CLASSES,
    *export.CLASSES,
    *results.CLASSES,
    *jobs.CLASSES,
    *weights.CLASSES,
    *setup.CLASSES,
)
