# SPDX-License-Identifier: GPL-3.0-or-later
"""The two errors of the protocol; each message is one sentence for the user."""


class BadRequest(ValueError):
    """What was asked cannot be made, and why."""


class InvalidJob(Exception):
    """A job folder that cannot be made, read or understood."""
