# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that belong together, such as an OBJ with its material and texture, written whole or not at all."""

from contextlib import suppress
from pathlib import Path

from ...system.files import replace_with_retry
from .file_names import write_error
from .options import ExportError, ExportOptions


def write_files(path: Path, files: dict[str, bytes], options: ExportOptions) -> None:
    """Write files beside each other: all are complete before the first one appears under its name.

    Args:
        path: The main file.
        files: Contents by name; the main file is the last one.
        options: Tell if the user named the main file, and so confirmed to replace it with those beside it.

    Raises:
        ExportError: One exists that may not be replaced, or cannot be written.
    """
    is_replaced = options.is_overwriting or (not options.is_separate and path.exists())
    existing = [name for name in files if path.with_name(name).exists()]
    if existing and not is_replaced:
        raise ExportError(f"{existing[0]} exists and was kept. Turn on Overwrite to replace it.")
    parts = {path.with_name(f"{name}.part"): path.with_name(name) for name in files}
    try:
        for part, content in zip(parts, files.values(), strict=True):
            part.unlink(missing_ok=True)
            with part.open("xb") as file:
                file.write(content)
        for part, target in parts.items():
            replace_with_retry(part, target)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)
