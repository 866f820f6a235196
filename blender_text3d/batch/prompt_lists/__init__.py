# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of prompts and flags of a command line → requests."""
