# SPDX-License-Identifier: GPL-3.0-or-later
"""The Rerun sink: recordings and live view. No other folder imports rerun."""
