# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to what the models see of them."""
