# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to view to object: a text-to-image model, and a model that makes an object of an image."""
