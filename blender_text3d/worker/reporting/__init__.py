# SPDX-License-Identifier: GPL-3.0-or-later
"""Events, previews, exports and errors of one job."""
