# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of one job: events, previews, exported files, errors."""
