# SPDX-License-Identifier: GPL-3.0-or-later
"""One check per file."""
