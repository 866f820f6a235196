# SPDX-License-Identifier: GPL-3.0-or-later
"""The results in the jobs folder: an index that is read step by step, marks, deletion."""
