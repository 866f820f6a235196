# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models that ship with the add-on: their weights, their configurations and their vocabulary."""
