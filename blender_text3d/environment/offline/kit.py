# SPDX-License-Identifier: GPL-3.0-or-later
"""An offline kit: a folder with everything that Set Up would download, and a manifest of sizes and hashes."""

import hashlib
import json
import platform
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ...system.plain_words import sanitized
from ...system.untrusted_files import is_plain_name, read_json
from ..errors import Problem, SetupFailed
from ..hashed import torch_file
from ..installers.torch_build import build_in
from ..requirements import WORKER, Packages

MANIFEST = "manifest.json"
WHEELS, WEIGHTS = "wheels", "weights"
FORMAT = 1
BLOCK = 2**20
MAX_MANIFEST_BYTES, MAX_FILE_BYTES, MAX_PATH_LENGTH = 4 * 2**20, 2**40, 400
FORMS = {
    "python": re.compile(r"[0-9]\.[0-9]{1,2}"),
    "system": re.compile(r"[\w-]{1,40}", re.ASCII),
    "torch": re.compile(r"([\w.]{1,20}(\+[\w.]{1,20})?)?", re.ASCII),
    "requirements_sha256": re.compile(r"[0-9a-f]{64}"),
}
"""What a manifest's words may look like: they get into paths, command lines and sentences."""
ANOTHER = "Make the kit anew with scripts/offline_kit.py make, and copy the whole folder."
PUBLIC = (
    "Make the kit with a build that docs/install.md names, where pip is not told of another package source. To use a "
    "PyTorch of your own, choose Own Index instead of a kit."
)


@dataclass(frozen=True)
class KitFile:
    """A file of a kit: its path below the kit's folder, with slashes, its size and its hash."""

    path: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Refuse what is of another type, or cannot be told in a sentence."""
        is_path = isinstance(self.path, str) and len(self.path) <= MAX_PATH_LENGTH and self.path.isprintable()
        if not is_path or not isinstance(self.sha256, str):
            raise TypeError("a file without a path or hash")
        if type(self.size_bytes) is not int or not 0 <= self.size_bytes <= MAX_FILE_BYTES:
            raise ValueError("a file without a size")


@dataclass(frozen=True)
class Kit:
    """A kit on this disk.

    Attributes:
        folder: Where it lies.
        python: The Python version that its wheels are for, "3.11".
        system: What they run on, as system_name gives it.
        torch: PyTorch's version with the build.
        requirements_sha256: Of the packages that it was made for.
        files: All but the manifest.
    """

    folder: Path
    python: str
    system: str
    torch: str
    requirements_sha256: str
    files: tuple[KitFile, ...]

    @property
    def wheels(self) -> Path:
        return self.folder / WHEELS

    @property
    def weights(self) -> Path | None:
        """The folder of models' files; None where the kit has none."""
        return self.folder / WEIGHTS if any(file.path.startswith(WEIGHTS + "/") for file in self.files) else None

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def system_name() -> str:
    """The system and processor that wheels must be for, "linux-x86_64"."""
    return f"{sys.platform}-{platform.machine().lower()}"


def read_kit(folder: Path) -> Kit:
    """The kit in a folder; its files are not read.

    Raises:
        SetupFailed: There is none that can be read.
    """
    folder = Path(folder).expanduser().absolute()
    try:
        facts = read_json(folder / MANIFEST, MAX_MANIFEST_BYTES)
        if facts.pop("format") != FORMAT:
            raise SetupFailed(f"The kit in {folder} is of another version of the add-on.", ANOTHER)
        files = tuple(KitFile(**file) for file in facts.pop("files"))
        if not all(FORMS[name].fullmatch(value) for name, value in facts.items()):
            raise ValueError("a word of another form")
        return Kit(folder, files=files, **facts)
    except OSError as error:
        raise SetupFailed(
            f"There is no offline kit in {folder}: its {MANIFEST} cannot be read.",
            "Choose the folder that scripts/offline_kit.py made.",
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SetupFailed(f"The {MANIFEST} of {folder} is not that of an offline kit.", ANOTHER) from error


def write_manifest(kit: Kit) -> None:
    """Write the manifest beside the files."""
    facts = {"format": FORMAT} | {name: value for name, value in asdict(kit).items() if name != "folder"}
    (kit.folder / MANIFEST).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def misfit(kit: Kit, packages: Packages = WORKER) -> Problem | None:
    """Why a kit does not do for this machine and version, None where it does."""
    if kit.system != system_name():
        return Problem(f"The kit is for {kit.system}, and this is {system_name()}.", "Make one on a machine like this.")
    if kit.requirements_sha256 != packages.sha256:
        return Problem("The kit was made for another version of the add-on.", ANOTHER)
    if kit.python not in packages.python_versions:
        return Problem(f"The kit is for Python {kit.python}, which the add-on does not use.", ANOTHER)
    if packages.hashed and not _is_torch_known(kit, packages.hashed):
        return Problem(f"The kit's PyTorch {kit.torch} has no hash that the add-on knows, so it is not taken.", PUBLIC)
    return None


def require_matching_kit(kit: Kit, packages: Packages) -> None:
    """See that a kit does for this machine and version.

    Raises:
        SetupFailed: It does not, and why.
    """
    if problem := misfit(kit, packages):
        raise SetupFailed(problem.message, problem.fix)


def _is_torch_known(kit: Kit, hashed: Path) -> bool:
    """Whether PyTorch is one of the wheels that an installation from the network would take."""
    file = torch_file(hashed, build_in(kit.torch))
    known = file.read_text(encoding="utf-8") if file else ""
    wheels = [file.sha256 for file in kit.files if file.path.startswith(f"{WHEELS}/torch-")]
    return bool(wheels) and all(f"--hash=sha256:{sha256}" in known for sha256 in wheels)


def corrupt_files(kit: Kit, tell: Callable[[str, float], None] = lambda message, share: None) -> list[str]:
    """A sentence for each file that is missing, strange or not what the manifest says. Reads every file.

    Args:
        kit: Whose.
        tell: Called with each file's name and the share that is done.
    """
    read, wrong = 0, []
    for file in kit.files:
        tell(f"Checking {file.path}", read / max(kit.size_bytes, 1))
        wrong += _wrong(kit, file)
        read += file.size_bytes
    return wrong + _unexpected_files(kit)


def checked_kit(folder: Path, packages: Packages, tell: Callable[[str, float], None]) -> Kit:
    """A kit that fits and whose files are all as they were packed.

    Raises:
        SetupFailed: It is not.
    """
    kit = read_kit(folder)
    require_matching_kit(kit, packages)
    if wrong := corrupt_files(kit, tell):
        more = f" So are {len(wrong) - 1} more." if len(wrong) > 1 else ""
        raise SetupFailed(f"The kit in {kit.folder} is damaged. {wrong[0]}{more}", "Copy the kit again.")
    return kit


def file_sha256(path: Path) -> str:
    """The hash of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _wrong(kit: Kit, file: KitFile) -> list[str]:
    path = kit.folder / file.path
    try:
        is_inside = all(map(is_plain_name, file.path.split("/"))) and kit.folder.resolve() in path.resolve().parents
        if not is_inside:
            return [f"{file.path} lies outside of the kit."]
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to read a pipe may never end
            return [f"{file.path} is no plain file."]
        if status.st_size != file.size_bytes:
            return [f"{file.path} is not {file.size_bytes:,} bytes long."]
        return [] if file_sha256(path) == file.sha256 else [f"{file.path} has another content than when it was packed."]
    except (OSError, RuntimeError):  # the latter for a link to itself, in older Pythons
        return [f"{file.path} is missing or cannot be read."]


def _unexpected_files(kit: Kit) -> list[str]:
    """Wheels beside those of the manifest: the installer would look at them too."""
    known = {file.path for file in kit.files}
    found = (f"{WHEELS}/{path.name}" for path in sorted(kit.wheels.glob("*")))
    return [f"{sanitized(path)} does not belong to the kit." for path in found if path not in known]
