# SPDX-License-Identifier: GPL-3.0-or-later
"""URLs of a file at OpenAI and on the Hugging Face hub.

Source: the download modules of openai/point-e (fc8a607), openai/shap-e (5013101), openai/CLIP and
openai/glide-text2im (69b5307); openai/CLIP issue 516 on the first address being gone; the hub repositories named below.
"""

from .checkpoint import Address

OPENAI = "https://openaipublic.azureedge.net/"
STORAGE = "https://openaipublic.blob.core.windows.net/"
HUB = "https://huggingface.co/"


def at_openai(path: str) -> tuple[Address, ...]:
    """Return the official URL and that of the storage account behind it."""
    return Address(OPENAI + path, "OpenAI"), Address(STORAGE + path, "OpenAI's storage account")


def in_storage(path: str) -> tuple[Address, ...]:
    """Return the URL in the storage account, for files that were never published at the official URL."""
    return (Address(STORAGE + path, "OpenAI's storage account"),)


def on_hub(repository: str, path: str) -> tuple[Address, ...]:
    """Return the URL of a file in a model repository on the hub."""
    return (Address(f"{HUB}{repository}/resolve/main/{path}", f"the hub's {repository}"),)


def in_space(repository: str, path: str) -> tuple[Address, ...]:
    """Return the URL of a copy of the official file in a public demo on the hub."""
    return (Address(f"{HUB}spaces/{repository}/resolve/main/{path}", f"the hub's copy in {repository}"),)
