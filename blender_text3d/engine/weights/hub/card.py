# SPDX-License-Identifier: GPL-3.0-or-later
"""The card of a pipeline on the hub, before anything of it is downloaded: license, files, sizes.

Source: the hub's public API, `/api/models/NAME?blobs=true`.
"""

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ....system.hub_names import is_hub_name
from ....system.untrusted_files import is_plain_name, parse_json
from ..catalogue.addresses import HUB
from ..download.http import READ_ERRORS, send_request
from ..download.retry_policy import RetryPolicy, SourceError, TransientError
from ..download.source import with_hub_endpoint
from ..errors import DownloadFailed, printable

INDEX = "model_index.json"
MAX_CARD_BYTES, MAX_INDEX_BYTES = 16 * 2**20, 2**20
REVISION, SHA256 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")
CONFIG_ENDINGS = (".json", ".txt", ".model", ".jinja")
WEIGHTS_ENDING = ".safetensors"
HALF = re.compile(r"\.fp16[.-]")
MAX_CONFIG_BYTES = 128 * 2**20
OFFLINE = (
    "The hub could not be reached ({why}), so {name} cannot be downloaded. Connect to the internet, or choose the "
    "folder of a pipeline on this machine."
)


@dataclass(frozen=True)
class HubFile:
    """A file of a pipeline.

    Attributes:
        path: Path in the repository, "unet/config.json".
        size: Its bytes.
        sha256: Hash that the hub publishes for large files, or "".
    """

    path: str
    size: int
    sha256: str

    @property
    def is_weights(self) -> bool:
        """True for tensors, False for configurations and vocabularies."""
        return self.path.endswith(WEIGHTS_ENDING)


@dataclass(frozen=True)
class HubCard:
    """A pipeline on the hub.

    Attributes:
        name: "owner/name".
        revision: The commit whose files these are.
        license: License as its card names it, or "none given".
        class_name: Class of the pipeline.
        files: The files that are needed.
    """

    name: str
    revision: str
    license: str
    class_name: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def page(self) -> str:
        """Address of the card."""
        return f"{HUB}{self.name}"


def read_card(name: str, policy: RetryPolicy | None = None) -> HubCard:
    """Read a pipeline's card and its list of files; loads nothing.

    Raises:
        DownloadFailed: The hub cannot be reached, or has no such pipeline that may be used.
    """
    policy = policy or RetryPolicy()
    if not is_hub_name(name):
        raise DownloadFailed(f'"{printable(name)}" is not a hub name. Write it as "owner/name".')
    values = read_hub_json(f"{HUB}api/models/{name}?blobs=true", MAX_CARD_BYTES, name, policy)
    revision, entries = values.get("sha"), values.get("siblings")
    if not (isinstance(revision, str) and REVISION.fullmatch(revision) and isinstance(entries, list)):
        raise DownloadFailed(f"The hub's description of {name} cannot be read. Choose another pipeline.")
    if values.get("gated"):
        raise DownloadFailed(
            f"{name} asks for an account and an accepted license. Accept it at {HUB}{name}, download it with the hub's "
            "own program, and choose its folder."
        )
    files = [file for entry in entries if (file := _file_of(entry))]
    index = read_hub_json(file_url(name, revision, INDEX), MAX_INDEX_BYTES, name, policy)
    return HubCard(name, revision, _license(values), str(index.get("_class_name")), _needed(name, files, index))


def read_hub_json(url: str, max_bytes: int, name: str, policy: RetryPolicy) -> dict[str, Any]:
    """Read a JSON object from the hub.

    Raises:
        DownloadFailed: It cannot be reached or is not one.
    """
    try:
        text = read_hub_file(url, max_bytes, name, policy)
    except SourceError as error:
        raise DownloadFailed(
            f"The hub {error}: {name}. Check the name; private pipelines are not supported."
        ) from error
    try:
        values = parse_json(text.decode("utf-8")) if len(text) <= max_bytes else None
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise DownloadFailed(f"{name} on the hub is not a diffusers pipeline, or its {INDEX} cannot be read.")
    return values


def read_hub_file(url: str, max_bytes: int, name: str, policy: RetryPolicy) -> bytes:
    """Return the bytes of a small file on the hub, one more than allowed of a larger one.

    Raises:
        DownloadFailed: The hub cannot be reached.
        SourceError: It will not give the file.
    """
    try:
        response = send_request(with_hub_endpoint(url), 0, "", policy.timeout_s)
        assert response is not None, "nothing was read before"
        with closing(response.body):
            return response.body.read(max_bytes + 1)
    except TransientError as error:
        raise DownloadFailed(OFFLINE.format(why=error, name=name)) from error
    except READ_ERRORS as error:
        raise DownloadFailed(OFFLINE.format(why=type(error).__name__, name=name)) from error


def file_url(name: str, revision: str, path: str) -> str:
    """Return the address of a file of one commit."""
    return f"{HUB}{name}/resolve/{revision}/{path}"


def _file_of(entry: Any) -> HubFile | None:
    """Return a file in the top folder or one below, or None for others and for entries that are not valid."""
    path, size = (entry.get("rfilename"), entry.get("size")) if isinstance(entry, dict) else (None, None)
    if not isinstance(path, str) or type(size) is not int or size < 0:
        return None
    parts = path.split("/")
    if len(parts) > 2 or not all(map(is_plain_name, parts)):
        return None
    lfs = entry.get("lfs")
    sha256 = lfs.get("sha256") if isinstance(lfs, dict) else None
    return HubFile(path, size, sha256 if isinstance(sha256, str) and SHA256.fullmatch(sha256) else "")


def _license(values: dict[str, Any]) -> str:
    card = values.get("cardData")
    found = [card.get(key) for key in ("license_name", "license")] if isinstance(card, dict) else []
    return next((printable(text)[:80] for text in found if isinstance(text, str) and text), "none given")


def _needed(name: str, files: list[HubFile], index: dict[str, Any]) -> tuple[HubFile, ...]:
    """Return the files to download: configurations, and the smaller variant of the weights of each component.

    Raises:
        DownloadFailed: A component has no safetensors.
    """
    needed = [file for file in files if file.path == INDEX]
    for component in (key for key, value in index.items() if isinstance(value, list) and value != [None, None]):
        own = [file for file in files if file.path.startswith(f"{component}/")]
        needed += [file for file in own if file.path.endswith(CONFIG_ENDINGS) and file.size <= MAX_CONFIG_BYTES]
        weights = [file for file in own if file.is_weights and file.sha256]
        if not weights and any(file.path.endswith(".bin") for file in own):
            raise DownloadFailed(
                f"The weights of {component} in {name} are pickled, which may run code, so they are not downloaded. "
                "Choose a pipeline with .safetensors files."
            )
        half = [file for file in weights if HALF.search(file.path)]
        needed += half or [file for file in weights if _is_plain_weights(file)]
    return tuple(needed)


def _is_plain_weights(file: HubFile) -> bool:
    """True for weights without a variant such as "non_ema" in their name."""
    stem = file.path.rpartition("/")[2].removesuffix(WEIGHTS_ENDING)
    return "." not in stem
