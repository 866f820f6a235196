# SPDX-License-Identifier: GPL-3.0-or-later
"""Real models to measure with: the CC0 part of Debian's package sweethome3d-furniture, 120 MB, never shipped.

The package comes from `apt-get download`, or is given as a file; its hash is pinned.
"""

import hashlib
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

PACKAGE, VERSION = "sweethome3d-furniture", "1.8-1"
SHA256 = "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668"
CC0_PART = "BlendSwap-CC-0.sh3f"
"""A catalog whose models are all in the public domain, each in a folder with a page that says so."""
CATALOG = "PluginFurnitureCatalog.properties"
AR_MAGIC, AR_HEADER = b"!<arch>\n", 60


def furniture(folder, package=None):
    """Return (name, path of the OBJ file) of every model, unpacked into a folder.

    Args:
        folder: where to unpack, and to keep the package.
        package: the package's file; by default it is downloaded unless it is in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = (package or downloaded(folder)).read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"The package is not {PACKAGE} {VERSION}.")
    with zipfile.ZipFile(io.BytesIO(cc0_part(content))) as archive:
        archive.extractall(folder)
        rows = archive.read(CATALOG).decode("latin-1").splitlines()
    values = dict(row.split("=", 1) for row in rows if "#" in row and "=" in row)
    names = {key.removeprefix("model#"): value for key, value in values.items() if key.startswith("model#")}
    return [(values[f"name#{number}"], folder / path.lstrip("/")) for number, path in names.items()]


def downloaded(folder):
    """Return the package's file in a folder, downloaded with the system's own client if it is missing."""
    path = folder / f"{PACKAGE}_{VERSION}_all.deb"
    if not path.exists():
        subprocess.run(["apt-get", "download", f"{PACKAGE}={VERSION}"], cwd=folder, check=True)
    return path


def cc0_part(package):
    """Return the bytes of the CC0 catalog in the bytes of the package."""
    data = next(content for name, content in ar_members(package) if name.startswith("data.tar"))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        member = next(member for member in archive if Path(member.name).name == CC0_PART)
        return archive.extractfile(member).read()


def ar_members(content):
    """Yield (name, bytes) of the members of an ar archive. Source: deb(5) and ar(5)."""
    assert content.startswith(AR_MAGIC)
    start = len(AR_MAGIC)
    while start + AR_HEADER <= len(content):
        header = content[start : start + AR_HEADER]
        size = int(header[48:58])
        yield header[:16].decode().rstrip(" /"), content[start + AR_HEADER : start + AR_HEADER + size]
        start += AR_HEADER + size + size % 2
