# SPDX-License-Identifier: GPL-3.0-or-later
"""The two errors of the protocol; each message is a sentence for the user."""


class BadRequest(ValueError):
    """A request that cannot be fulfilled."""


class InvalidJob(Exception):
    """A job folder that cannot be created, read or understood."""
