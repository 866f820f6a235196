# SPDX-License-Identifier: GPL-3.0-or-later
"""The words the processes say: requests, events and the job folder. Standard library only."""
