# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and results that are kept as assets, in this file or in a library folder."""
