# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface: preferences, properties, operators, panels, and the timer that follows the jobs."""
