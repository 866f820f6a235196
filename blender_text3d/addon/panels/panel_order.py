# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the panels in the sidebar; main.py draws the order inside the first one."""

from . import jobs, main, presets, prompt_history, prompt_words, recipe, results, setup, versions, weights

PANELS = (
    *presets.CLASSES,
    *main.CLASSES,
    *prompt_history.CLASSES,
    *prompt_words.CLASSES,
    *results.CLASSES,
    *jobs.CLASSES,
    *versions.CLASSES,
    *recipe.CLASSES,
    *weights.CLASSES,
    *setup.CLASSES,
)
