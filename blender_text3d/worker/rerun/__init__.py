# SPDX-License-Identifier: GPL-3.0-or-later
"""The Rerun sink; the only room that imports rerun."""
