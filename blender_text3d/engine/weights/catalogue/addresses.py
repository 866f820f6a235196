# SPDX-License-Identifier: GPL-3.0-or-later
"""How a file's addresses follow from its place at OpenAI and on the hub.

Source: the download modules of openai/point-e (fc8a607), openai/shap-e (5013101) and openai/CLIP; openai/CLIP issue
516 on the first address being gone; the hub repositories named below.
"""

from .checkpoint import Address

OPENAI = "https://openaipublic.azureedge.net/"
STORAGE = "https://openaipublic.blob.core.windows.net/"
HUB = "https://huggingface.co/"


def at_openai(path: str) -> tuple[Address, ...]:
    """The official address and the storage account behind it."""
    return Address(OPENAI + path, "OpenAI"), Address(STORAGE + path, "OpenAI's storage account")


def on_hub(repository: str, path: str) -> tuple[Address, ...]:
    """A file of a model repository on the hub."""
    return (Address(f"{HUB}{repository}/resolve/main/{path}", f"the hub's {repository}"),)


def in_space(repository: str, path: str) -> tuple[Address, ...]:
    """A file of somebody's demo on the hub: a copy of the official file, made while the official address worked."""
    return (Address(f"{HUB}spaces/{repository}/resolve/main/{path}", f"the hub's copy in {repository}"),)
