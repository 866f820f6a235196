# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching a checkpoint: from one source after the other, resumed, verified, and put in place in one step."""
