# SPDX-License-Identifier: GPL-3.0-or-later
"""A wheel of a few hundred bytes, so that a real pip installs something without any network."""

import zipfile
from pathlib import Path


def write_wheel(folder: Path, name: str, version: str, source: str = "") -> Path:
    """A pure-Python wheel holding one module of the given source."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return wheel
