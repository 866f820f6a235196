# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of pipelines on the Hugging Face hub, and where a downloaded one lies."""

import re
from pathlib import Path

FOLDER = "diffusers"
PREFIX = "hub:"
"""Beginning of a hub name on the command line, which tells it from a name in the catalogue."""
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
NOT_IN_NAMES = ("..", "--")
"""Neither is in a name of the hub; the second stands for the slash in names of folders."""
COMPLETE = "text3d-download.json"
"""Written last, with what was downloaded: a folder without it is incomplete."""


def is_hub_name(text: str) -> bool:
    """True if a text has the form of a hub name, "owner/name"."""
    return bool(HUB_NAME.fullmatch(text)) and not any(part in text for part in NOT_IN_NAMES) and text[-1] not in ".-"


def hub_folder(name: str, weights_dir: Path) -> Path:
    """Return the folder of a pipeline in the weights folder."""
    return weights_dir / relative_folder(name)


def relative_folder(name: str) -> str:
    """Return the path of a pipeline's folder in the weights folder."""
    return f"{FOLDER}/{name.replace('/', '--')}"


def is_downloaded(name: str, weights_dir: Path) -> bool:
    """True if a pipeline was downloaded completely."""
    return (hub_folder(name, weights_dir) / COMPLETE).is_file()
