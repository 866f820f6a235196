# SPDX-License-Identifier: GPL-3.0-or-later
"""thumbnail.png of a job: rendered when its object is done, and later for folders that have none."""
