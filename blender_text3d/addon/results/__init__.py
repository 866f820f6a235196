# SPDX-License-Identifier: GPL-3.0-or-later
"""The strip of results: what it shows, its thumbnails, and the timer that loads both."""
