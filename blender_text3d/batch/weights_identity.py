# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash of the weights that a request needs, known before a model is loaded. Needs no torch."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..engine.mini import files
from ..engine.weights.catalogue import CHECKPOINTS, REQUIRED_CHECKPOINTS, encoder_of
from ..engine.weights.errors import BrokenWeights
from ..engine.weights.store.local_files import ensure_verified, find_local
from ..protocol.errors import BadRequest
from ..protocol.models import DISTILLED_SOLVER, DRAFT_STEPS
from ..protocol.request import Request
from ..system.run_steps import run_steps
from ..system.user_folders import default_weights_dir

MINI_FILES = {
    "mini/shap-e": (files.WORDS_WEIGHTS, files.VOCABULARY, files.SHAP_E_WEIGHTS, files.DISTILLED_SHAP_E_WEIGHTS),
    "mini/point-e": (files.WORDS_WEIGHTS, files.VOCABULARY, files.POINT_E_WEIGHTS, files.DISTILLED_POINT_E_WEIGHTS),
}
MINI_CHAIN_FILES = (
    *(files.WORDS_WEIGHTS, files.VOCABULARY, files.GLIDE_WEIGHTS, files.IMAGE_TOWER_WEIGHTS),
    *(files.SHAP_E_WEIGHTS, files.DISTILLED_SHAP_E_WEIGHTS),
)
DRAFT_FILES = {"mini/point-e": (files.DRAFT_POINT_E_WEIGHTS,)}
"""Of drafts by distilled weights; other small models have Shap-E's."""
READS_IMAGES = (files.IMAGE_TOWER_WEIGHTS,)
MISSING, UNREADABLE = "missing", "unreadable"
"""In place of hashes: such an object cannot be made here."""


def weights_identity(request: Request) -> str:
    """Return one hash for all weights files of a request's model; "" for the reference models, which have none here."""
    if request.model.startswith("mini/"):
        paths = MINI_FILES.get(request.model, MINI_CHAIN_FILES) + (READS_IMAGES if request.image else ())
        is_draft = request.solver == DISTILLED_SOLVER and request.steps == DRAFT_STEPS
        drafts = DRAFT_FILES.get(request.model, (files.DRAFT_SHAP_E_WEIGHTS,)) if is_draft else ()
        return joined(map(file_sha256, paths + drafts))
    names = required_names(request)
    return joined(map(checkpoint_sha256, names)) if names else ""


def require_weights(request: Request) -> None:
    """Check that the weights of a request are on this machine: without them, the object has no ID.

    Raises:
        BadRequest: Weights are missing or cannot be read.
    """
    hashes = {name: checkpoint_sha256(name) for name in required_names(request)}
    if missing := [name for name, value in hashes.items() if value == MISSING]:
        names = " ".join(missing)
        raise BadRequest(f"The weights {names} are not on this machine. Run python3 scripts/weights.py fetch {names}.")
    if broken := [name for name, value in hashes.items() if value == UNREADABLE]:
        raise BadRequest(f"The weights {' '.join(broken)} are damaged or cannot be read. Fetch them again.")


def required_names(request: Request) -> tuple[str, ...]:
    """Return the names of the checkpoints of a request's model; () for the small models, which come with the add-on."""
    names = REQUIRED_CHECKPOINTS.get(request.model, ())
    return tuple(dict.fromkeys(names + (encoder_of(request.model) if request.object else ())))


def joined(hashes: Iterable[str]) -> str:
    """Return one hash for several."""
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()


@cache
def file_sha256(path: Path) -> str:
    """Return the hash of a file that comes with the add-on."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def checkpoint_sha256(name: str) -> str:
    """Return the hash of a checkpoint's file; one without a valid stamp is read once, and stamped."""
    local = find_local(CHECKPOINTS[name], default_weights_dir())
    if local is None:
        return MISSING
    try:
        return run_steps(ensure_verified(local, name)).sha256
    except (BrokenWeights, OSError):
        return UNREADABLE
