# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading checkpoint files without running anything in them."""
