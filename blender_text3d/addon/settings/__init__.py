# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the user: scene properties, preferences, and conflicts between them."""
