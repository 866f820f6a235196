# SPDX-License-Identifier: GPL-3.0-or-later
"""Record network use by an audit hook; Python imports this at startup if its folder is in PYTHONPATH."""

import os
import sys

PREFIXES = ("socket.", "urllib.", "http.client.", "ftplib.", "smtplib.", "webbrowser.")
HARMLESS = ("socket.__new__", "socket.gethostname")


def record_event(event: str, arguments: tuple) -> None:
    if event.startswith(PREFIXES) and event not in HARMLESS:
        with open(os.environ["TEXT3D_AUDIT"], "a", encoding="utf-8") as file:
            file.write(f"{event} {[item for item in arguments if isinstance(item, str | int | tuple)]}\n")


if os.environ.get("TEXT3D_AUDIT"):
    sys.addaudithook(record_event)
