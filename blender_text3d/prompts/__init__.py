# SPDX-License-Identifier: GPL-3.0-or-later
"""How the small models understand a prompt: one reader for the panel, the terminal, batches and the worker."""
