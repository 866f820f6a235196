# SPDX-License-Identifier: GPL-3.0-or-later
"""Dynamic batching: choose the jobs that run together, and run them."""
