# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a chunk → objects to make, each with the hash of its recipe as ID."""

import argparse
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol.errors import BadRequest
from ..protocol.job_recipe import without_folders
from ..protocol.models import VIEW
from ..protocol.request import STORED_DEFAULTS, Request
from ..protocol.stored_names import to_stored
from .prompt_lists.prompt_list import PromptRow
from .prompt_lists.row_requests import requests_of
from .prompt_lists.row_values import FILE_SETTINGS
from .recipe_settings import NAMED, UNRELATED
from .weights_identity import require_weights, weights_identity

ID_DIGITS = 32
"""128 bits: no two of a billion recipes share an ID. Without dots, at which WebDataset ends a sample's key."""


class ChunkOrder(NamedTuple):
    """One object of a chunk.

    Attributes:
        object_id: Hash of its recipe.
        request: The request.
        place: Where the chunk lists it, such as "line 3".
    """

    object_id: str
    request: Request
    place: str


class Chunk(NamedTuple):
    """The content of a chunk.

    Attributes:
        orders: Objects, each once.
        refused: Why a line cannot be used, by its place.
        repeated: Place of the first equal line, by the place of a later one.
    """

    orders: list[ChunkOrder]
    refused: dict[str, str]
    repeated: dict[str, str]


def chunk_of(rows: Iterable[PromptRow], options: argparse.Namespace) -> Chunk:
    """Return the objects of a list, each once, and the lines that cannot be used."""
    orders: dict[str, ChunkOrder] = {}
    chunk = Chunk([], {}, {})
    for row in rows:
        try:
            made = [ChunkOrder(object_id(request), request, row.place) for request in checked_requests(row, options)]
        except BadRequest as error:
            chunk.refused[row.place] = str(error)
            continue
        for order in made:
            first = orders.setdefault(order.object_id, order)
            if first is not order:
                chunk.repeated[row.place] = first.place
    chunk.orders.extend(orders.values())
    return chunk


def checked_requests(row: PromptRow, options: argparse.Namespace) -> list[Request]:
    """Return the requests of one line.

    Raises:
        BadRequest: The line, or a file that it names, cannot be used, or it asks for no object.
    """
    requests = requests_of(row, options)
    if any(request.outputs == VIEW for request in requests):
        raise BadRequest("A chunk makes objects, not views. Write mesh, cloud or both as output.")
    for request in requests:
        require_weights(request)
    return requests


def object_id(request: Request) -> str:
    """Return the hash of a request's recipe as the ID of its object: equal wherever and whenever it is made."""
    text = json.dumps(recipe_of(request), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]


def recipe_of(request: Request) -> dict[str, Any]:
    """Return what an object depends on: words, hashes of input files and weights, seed and settings.

    Newer settings are left out at their default, so that a later version gives the same IDs.
    """
    defaults = to_stored(STORED_DEFAULTS)
    values = {name: value for name, value in request.to_values().items() if name not in UNRELATED}
    kept = {name: value for name, value in values.items() if name in NAMED or value != defaults[name]}
    hashes = {name: input_sha256(Path(kept[name])) for name in FILE_SETTINGS if kept.get(name)}
    source = {"image_model_source": without_folders(request.image_model_source)} if request.image_model_source else {}
    return {**kept, **hashes, **source, "weights": weights_identity(request)}


@cache
def input_sha256(path: Path) -> str:
    """Return the hash of an input file, which may have any name.

    Raises:
        BadRequest: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadRequest(f"The file {path} cannot be read ({error.strerror}). Check the path.") from error
