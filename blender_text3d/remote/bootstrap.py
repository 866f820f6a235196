# SPDX-License-Identifier: GPL-3.0-or-later
"""Program that the other machine's Python runs as text, before this package is there.

It receives the files of the package that are missing there, and calls `main` of one of its modules with the same
standard input and output. Files are kept by their hashes, so that a new version sends only what has changed. An old
Python must be able to read all of this program, so that it can report its version.
"""

import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import time

MARK = b"blender-text3d: connected"
"""The line before the first message; login scripts may print something first."""
MIN_PYTHON = (3, 11)
MAX_VERSIONS = 3
MIN_AGE_S = 24 * 3600.0
CHUNK_BYTES = 2**20


def main() -> None:
    """Receive the package, then run the module that the first line names."""
    say(MARK)
    if sys.version_info < MIN_PYTHON:
        return refuse("python", f"{sys.version_info[0]}.{sys.version_info[1]}")
    order = json.loads(sys.stdin.buffer.readline())
    folder = os.path.join(os.environ["BLENDER_TEXT3D_HOME"], "remote-code")
    package = os.path.join(folder, order["version"])
    try:
        if os.path.isdir(package):
            say(json.dumps({"need": []}).encode())
        else:
            receive(order["files"], folder, package)
        os.utime(package)
        remove_old(folder, package)
    except OSError as error:
        return refuse("folder", f"{error.filename or folder}: {error.strerror or error}")
    say(json.dumps({"ready": True}).encode())
    sys.path[0] = package
    sys.argv = [order["module"], *order["arguments"]]
    sys.exit(importlib.import_module(order["module"]).main())


def say(line: bytes) -> None:
    """Write a line at once."""
    sys.stdout.buffer.write(b"\n" * (line == MARK) + line + b"\n")
    sys.stdout.buffer.flush()


def refuse(reason: str, detail: str) -> None:
    """Tell why the module cannot be run."""
    say(json.dumps({"refused": reason, "detail": detail}).encode())


def receive(files: "list[tuple[str, int, str]]", folder: str, package: str) -> None:
    """Receive the files whose contents are not there, and put the package together."""
    contents = os.path.join(folder, "files")
    os.makedirs(contents, exist_ok=True)
    sizes = {sha256: size for _, size, sha256 in files}
    missing = [sha256 for sha256 in sizes if not os.path.exists(os.path.join(contents, sha256))]
    say(json.dumps({"need": missing}).encode())
    for sha256 in missing:
        receive_content(os.path.join(contents, sha256), sizes[sha256], sha256)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as scratch:
        made = os.path.join(scratch, "package")
        for name, _, sha256 in files:
            target = os.path.join(made, *name.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            place(os.path.join(contents, sha256), target)
        try:
            os.rename(made, package)
        except OSError:
            if not os.path.isdir(package):  # else another connection was faster
                raise


def receive_content(path: str, size: int, sha256: str) -> None:
    """Receive one content; it gets its name once it is complete.

    Raises:
        OSError: The connection ended, the content was damaged, or it cannot be written.
    """
    part, digest = f"{path}.{os.getpid()}", hashlib.sha256()
    try:
        with open(part, "wb") as file:
            while size:
                chunk = sys.stdin.buffer.read(min(size, CHUNK_BYTES))
                if not chunk:
                    raise OSError("the connection ended")
                size -= len(chunk)
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != sha256:
            raise OSError("a file was damaged on its way")
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def place(content: str, target: str) -> None:
    """Give a content its place in the package, without a copy if the disk allows it."""
    try:
        os.link(content, target)
    except OSError:
        shutil.copyfile(content, target)


def remove_old(folder: str, package: str) -> None:
    """Remove all versions but the newest few and the young ones, and the contents that no version has any more."""
    versions = [
        entry for entry in os.scandir(folder) if entry.is_dir() and len(entry.name) == len(os.path.basename(package))
    ]
    versions.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    old = [entry for entry in versions[MAX_VERSIONS:] if time.time() - entry.stat().st_mtime > MIN_AGE_S]
    for entry in old:
        shutil.rmtree(entry.path, ignore_errors=True)
    for entry in os.scandir(os.path.join(folder, "files")) if old else ():
        if entry.stat().st_nlink == 1:
            os.unlink(entry.path)


if __name__ == "__main__":
    main()
