# SPDX-License-Identifier: GPL-3.0-or-later
"""What the processes exchange: requests, events and the job folder. Standard library only."""
