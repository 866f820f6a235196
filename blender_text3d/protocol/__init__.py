# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, events and job folders, which the processes exchange. Standard library only."""
