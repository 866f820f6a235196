# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's Python environment: find a Python, make the environment, check it, repair it. Standard library only."""
