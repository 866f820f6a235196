# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs run together, and running them."""
