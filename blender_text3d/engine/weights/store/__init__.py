# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights on this machine, and which of them are verified."""
