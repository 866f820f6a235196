# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this before anything else where its folder is in PYTHONPATH: every use of the network is noted."""

import os
import sys

WATCHED = ("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.", "webbrowser.")
HARMLESS = ("socket.__new__", "socket.gethostname")


def note(event: str, arguments: tuple) -> None:
    if event.startswith(WATCHED) and event not in HARMLESS:
        with open(os.environ["TEXT3D_AUDIT"], "a", encoding="utf-8") as file:
            file.write(f"{event} {[item for item in arguments if isinstance(item, str | int | tuple)]}\n")


if os.environ.get("TEXT3D_AUDIT"):
    sys.addaudithook(note)
