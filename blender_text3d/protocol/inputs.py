# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a job starts from, an image or a latent: which models take them, and how they get into the job folder."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..system.plain_words import sanitized
from ..system.untrusted_files import is_plain_name, require_regular_file
from .errors import BadRequest
from .models import ModelInfo

if TYPE_CHECKING:
    from .request import Request

MAX_PATH_LENGTH = 300
MAX_BYTES = 256 * 2**20
STEMS = {"image": "input_image", "latent": "input_latent"}


def check_inputs(model: ModelInfo, *, image: object, latent: object, views: int) -> None:
    """Refuse what the model cannot start from, and the lack of what it needs.

    Raises:
        BadRequest: A sentence.
    """
    if not (isinstance(image, str) and isinstance(latent, str)):
        raise BadRequest("The image and the latent are named by text. Ask for the object again.")
    if image and "image" not in model.inputs:
        raise BadRequest(f"{model.label} makes objects of {' or '.join(model.inputs) or 'nothing'}, not of images.")
    if model.inputs == ("image",) and not image and not latent:
        raise BadRequest(f"{model.label} makes objects of images. Choose an image file.")
    if (latent or views) and not model.has_latent:
        raise BadRequest(f"{model.label} keeps no latent, so it can neither decode again nor render views. Use Shap-E.")


def copy_inputs(request: "Request", folder: Path) -> "Request":
    """Copies the files a request names into a folder; gives the request that names the copies.

    Raises:
        BadRequest: A file cannot be read, or is too large to be what it should be.
        OSError: The folder cannot be written.
    """
    names = {
        field: copy_input(Path(getattr(request, field)), folder, STEMS[field])
        for field in STEMS
        if getattr(request, field)
    }
    return replace(request, **names)


def copy_input(source: Path, folder: Path, stem: str) -> str:
    """Copies one file under a name of our own; gives the name."""
    name = f"{stem}{source.suffix.lower()[:8]}"
    path = folder / (name if is_plain_name(name) else stem)
    what = sanitized(str(source)[:MAX_PATH_LENGTH])
    try:
        require_regular_file(source, MAX_BYTES)
        file = source.open("rb")
    except OSError as error:
        raise BadRequest(f"The file {what} cannot be read ({error.strerror}). Choose another.") from error
    except ValueError as error:
        raise BadRequest(f"The file {what} cannot be used ({error}). Choose another.") from error
    with file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return path.name
