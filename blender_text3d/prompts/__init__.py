# SPDX-License-Identifier: GPL-3.0-or-later
"""The understanding of prompts for the small models: one reader for the panel, the terminal, batches and the worker."""
