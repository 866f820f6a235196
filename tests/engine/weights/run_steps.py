# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a generator of progress updates to its end."""


def run_steps(steps):
    """Return all updates and the result."""
    updates = []
    while True:
        try:
            updates.append(next(steps))
        except StopIteration as done:
            return updates, done.value


def messages(updates, stage):
    """Return the messages of one stage."""
    return [update.message for update in updates if update.stage == stage and update.message]
