#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/interface-texts.md: every text that a user can see, so that one person can review them in one sitting.

    python3 scripts/release/interface_texts.py

The texts are read from the source: names and descriptions of the add-on, and all sentences and phrases elsewhere in the
package that can reach a user as a message, a log line or the output of a command.
"""

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "blender_text3d"
PAGE = ROOT / "docs" / "interface-texts.md"
ROOMS = (
    "addon",
    "protocol",
    "exports",
    "client",
    "remote",
    "scene",
    "environment",
    "doctor",
    "worker",
    "engine",
    "batch",
    "prompts",
    "geometry",
    "system",
)
INTRODUCTION = """# Interface texts

Every text of the package that a user can see, in the order of the source. `{…}` is a value that is filled in. The page
is written by `python3 scripts/release/interface_texts.py`; `tests/scripts/test_interface_texts.py` checks that it is
current, and that its words are those of the interface.
"""
LABEL = re.compile(r"CPU|GPU|[A-Z][A-Za-z0-9-]*[a-z…][A-Za-z0-9-…]*")
PHRASE = re.compile(r"[^\W\d_]{2,}[,.:;)\"'…]* +[^\s]|[^\s] +[^\W\d_]{2,}")
CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+|[<>=!%]=|\\[A-Za-z]|^[a-z-]+ --|--[a-z]+$|^\w+/\S*$")
SKIPPED_CALLS = {"compile", "match", "search", "sub", "findall", "fullmatch", "Struct", "add_argument"}


class Text(NamedTuple):
    """A text and its place: the file below the package, and the class or function in it."""

    text: str
    file: str
    owner: str


def texts() -> list[Text]:
    """Return every text of the package, room by room."""
    files = [PACKAGE / f"{name}.py" for name in ("__init__",)]
    files += [file for room in ROOMS for file in sorted((PACKAGE / room).rglob("*.py"))]
    return [text for file in files for text in texts_of(file)]


def texts_of(file: Path) -> Iterator[Text]:
    """Yield the texts of one file, each once per class or function."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    name = file.relative_to(PACKAGE).as_posix()
    is_addon = name.startswith("addon/")
    seen = set()
    for text, owner in strings(tree, ""):
        row = Text(" ".join(text.split()), name, owner)
        if row not in seen and is_visible(row.text, is_addon):
            seen.add(row)
            yield row


def strings(node: ast.AST, owner: str) -> Iterator[tuple[str, str]]:
    """Yield the strings below a node with their owner; of docstrings only the tooltips of operators."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        owner = f"{owner}.{node.name}" if owner else node.name
    if isinstance(node, ast.ClassDef) and "_OT_" in node.name and (tooltip := ast.get_docstring(node)):
        yield tooltip, owner
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, owner
    elif isinstance(node, ast.JoinedStr):
        yield template(node), owner
    elif not (isinstance(node, ast.Call) and called(node) in SKIPPED_CALLS):
        for child in ast.iter_child_nodes(node):
            if not is_silent(node, child):
                yield from strings(child, owner)


def is_silent(node: ast.AST, child: ast.AST) -> bool:
    """Return True for docstrings and for the annotations of arguments and results."""
    is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    return is_docstring or isinstance(node, ast.arg) or child is getattr(node, "returns", None)


def template(node: ast.JoinedStr) -> str:
    """Return an f-string with `{…}` for each value."""
    return "".join(part.value if isinstance(part, ast.Constant) else "{…}" for part in node.values)


def called(node: ast.Call) -> str:
    """Return the last name of what a call calls."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def is_visible(text: str, is_addon: bool) -> bool:
    """Return True for sentences and phrases, in the add-on also for labels of one word."""
    if CODE.search(text):
        return False
    return bool(PHRASE.search(text)) or (is_addon and bool(LABEL.fullmatch(text)))


def page() -> str:
    """Return the page as Markdown, one table per file."""
    lines, file = [INTRODUCTION], ""
    for text in texts():
        if text.file != file:
            file = text.file
            lines.append(f"\n## {file}\n\n| text | where |\n| --- | --- |")
        lines.append(f"| {escaped(text.text)} | {f'`{text.owner}`' if text.owner else ''} |")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text for a table cell."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    """Write the page, or only check that it is current."""
    parser = argparse.ArgumentParser(description="Write docs/interface-texts.md: every text that a user can see.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page is out of date")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    is_current = PAGE.read_text(encoding="utf-8") == page()
    print(f"{PAGE.relative_to(ROOT)}: {len(texts())} texts, {'current' if is_current else 'out of date'}")
    return 0 if is_current else 1


if __name__ == "__main__":
    raise SystemExit(main())
