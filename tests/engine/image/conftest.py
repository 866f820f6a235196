# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes scripts/training importable as `mini`, as its commands do."""
