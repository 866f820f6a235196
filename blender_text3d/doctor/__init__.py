# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor: looks at everything that a first object needs, and says what is wrong and what to do. Changes nothing."""
