# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a generator of news to its end."""


def follow(steps):
    """All news, and what was returned."""
    news = []
    while True:
        try:
            news.append(next(steps))
        except StopIteration as done:
            return news, done.value


def messages(news, stage):
    """The sentences of one stage."""
    return [item.message for item in news if item.stage == stage and item.message]
