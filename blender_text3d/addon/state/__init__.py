# SPDX-License-Identifier: GPL-3.0-or-later
"""State of the add-on, as plain values."""
