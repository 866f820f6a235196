# SPDX-License-Identifier: GPL-3.0-or-later
"""The process with its own Python: takes jobs from stdin, runs the engine, writes what happens into the job folder."""
