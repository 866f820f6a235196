# SPDX-License-Identifier: GPL-3.0-or-later
"""An offline kit: a folder with everything that setup would download, and a manifest of sizes and hashes."""

import json
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...system.run_logged import Log, run_logged
from ...system.run_module import python_options
from ...system.untrusted_files import read_json
from ...system.user_folders import HOME_VARIABLE
from ..errors import Problem, SetupFailed
from ..installers.torch_build import build_from_version
from ..paths import log_path, worker_python
from ..requirements import WORKER, Packages, torch_file

PACKAGE = Path(__file__).absolute().parents[2]
MANIFEST = "manifest.json"
WHEELS, WEIGHTS = "wheels", "weights"
FORMAT = 1
MAX_MANIFEST_BYTES, MAX_FILE_BYTES, MAX_PATH_LENGTH = 4 * 2**20, 2**40, 400
# Allowed values of a manifest: they become parts of paths, command lines and sentences.
PATTERNS = {
    "python": re.compile(r"[0-9]\.[0-9]{1,2}"),
    "system": re.compile(r"[\w-]{1,40}", re.ASCII),
    "torch": re.compile(r"([\w.]{1,20}(\+[\w.]{1,20})?)?", re.ASCII),
    "requirements_sha256": re.compile(r"[0-9a-f]{64}"),
}
REBUILD = "Rebuild the kit with scripts/offline_kit.py make, and copy the complete folder."
USE_PUBLIC_BUILD = (
    "Rebuild the kit with a PyTorch build from docs/install.md, on a machine whose pip uses the public index. For a "
    "PyTorch build of your own, choose Custom Index instead of a kit."
)

NOTHING_TO_IMPORT = "contains no missing weights"  # part of the message of engine/weights/cli.py

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class KitFile:
    """A file of a kit.

    Attributes:
        path: Path relative to the kit's folder, with slashes.
        size_bytes: Size of the file.
        sha256: Hash of its contents.
    """

    path: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Check the types and limits.

        Raises:
            TypeError, ValueError: A value is not valid.
        """
        is_path = isinstance(self.path, str) and len(self.path) <= MAX_PATH_LENGTH and self.path.isprintable()
        if not is_path or not isinstance(self.sha256, str):
            raise TypeError("invalid path or hash")
        if type(self.size_bytes) is not int or not 0 <= self.size_bytes <= MAX_FILE_BYTES:
            raise ValueError("invalid size")


@dataclass(frozen=True)
class Kit:
    """A kit on this disk. The field names, except `folder`, are the keys of its manifest.

    Attributes:
        folder: The kit's folder.
        python: Python version of its wheels, "3.11".
        system: Platform of its wheels, as returned by `system_name`.
        torch: PyTorch version with its build.
        requirements_sha256: Hash of the packages that it was made for.
        files: All files except the manifest.
    """

    folder: Path
    python: str
    system: str
    torch: str
    requirements_sha256: str
    files: tuple[KitFile, ...]

    @property
    def wheels(self) -> Path:
        """The folder of wheels."""
        return self.folder / WHEELS

    @property
    def weights(self) -> Path | None:
        """The folder of the models' weights, or None if the kit has none."""
        return self.folder / WEIGHTS if any(file.path.startswith(WEIGHTS + "/") for file in self.files) else None

    @property
    def size_bytes(self) -> int:
        """The total size of the files."""
        return sum(file.size_bytes for file in self.files)


def system_name() -> str:
    """Return the operating system and CPU type, "linux-x86_64"."""
    return f"{sys.platform}-{platform.machine().lower()}"


def read_kit(folder: Path) -> Kit:
    """Return the kit in a folder, from its manifest alone.

    Raises:
        SetupFailed: The manifest is missing or not valid.
    """
    folder = Path(folder).expanduser().absolute()
    try:
        manifest: dict[str, Any] = read_json(folder / MANIFEST, MAX_MANIFEST_BYTES)
        if manifest.pop("format") != FORMAT:
            raise SetupFailed(f"The kit in {folder} was made by another version of the add-on.", REBUILD)
        files = tuple(KitFile(**file) for file in manifest.pop("files"))
        if not all(PATTERNS[name].fullmatch(value) for name, value in manifest.items()):
            raise ValueError("invalid value")
        return Kit(folder, files=files, **manifest)
    except OSError as error:
        raise SetupFailed(
            f"{folder} is not an offline kit: its {MANIFEST} cannot be read.",
            "Choose a folder that scripts/offline_kit.py made.",
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SetupFailed(f"{folder} is not an offline kit: its {MANIFEST} is not valid.", REBUILD) from error


def write_manifest(kit: Kit) -> None:
    """Write the manifest into the kit's folder."""
    manifest = {"format": FORMAT} | {name: value for name, value in asdict(kit).items() if name != "folder"}
    (kit.folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def kit_problem(kit: Kit, packages: Packages = WORKER) -> Problem | None:
    """Return why a kit cannot be installed on this machine by this version, or None if it can."""
    if kit.system != system_name():
        return Problem(
            f"The kit is for {kit.system}, but this machine is {system_name()}.", "Make one on a machine like this."
        )
    if not packages.is_satisfied_by(kit.requirements_sha256):
        return Problem("The kit was made for another version of the add-on.", REBUILD)
    if kit.python not in packages.python_versions:
        return Problem(f"The kit is for Python {kit.python}, which the add-on does not support.", REBUILD)
    if packages.hashed and not _is_known_torch(kit, packages.hashed):
        return Problem(
            f"The kit's PyTorch {kit.torch} has an unknown hash, so it cannot be installed.", USE_PUBLIC_BUILD
        )
    return None


def require_matching_kit(kit: Kit, packages: Packages) -> None:
    """Check that a kit can be installed on this machine by this version.

    Raises:
        SetupFailed: It cannot.
    """
    if problem := kit_problem(kit, packages):
        raise SetupFailed(problem.message, problem.fix)


def _is_known_torch(kit: Kit, hashed: Path) -> bool:
    """True if the kit's PyTorch wheels are among those that setup would install from the network."""
    file = torch_file(hashed, build_from_version(kit.torch))
    known = file.read_text(encoding="utf-8") if file else ""
    wheels = [file.sha256 for file in kit.files if file.path.startswith(f"{WHEELS}/torch-")]
    return bool(wheels) and all(f"--hash=sha256:{sha256}" in known for sha256 in wheels)


def import_weights(env_dir: Path, weights: Path, report: Report) -> None:
    """Import a kit's weights into the weights folder next to an environment; existing files are kept.

    Raises:
        SetupFailed: A file could not be imported.
    """
    report("Importing the models' weights", 0.99)
    options = python_options(PACKAGE, "engine.weights")
    command: list[str | Path] = [worker_python(env_dir), "-B", *options, "import", weights]
    variables = {HOME_VARIABLE: str(env_dir.parent)}
    result = run_logged(command, Log(log_path(env_dir)), variables=variables, cwd=PACKAGE.parent)
    if result.code and NOTHING_TO_IMPORT not in result.output:
        raise SetupFailed(
            f"The environment is ready, but the models' weights in {weights} were not imported. {result.last_line}",
            "Import them from that folder again.",
        )
