# SPDX-License-Identifier: GPL-3.0-or-later
"""The version that every job remembers it was made by."""

ENGINE_VERSION = "0.1.0"
