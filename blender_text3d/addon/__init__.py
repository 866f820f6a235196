# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sees: preferences, properties, operators, panels, and the timer that follows the jobs."""
