# SPDX-License-Identifier: GPL-3.0-or-later
"""Diagnostics: check everything that generating an object needs, and propose fixes. Changes nothing."""
