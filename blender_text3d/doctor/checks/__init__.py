# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks. Each is a function that takes a Context and yields findings."""
