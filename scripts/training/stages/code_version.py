# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the code that a module runs: a hash of all modules of this repository that it imports.

Comments, docstrings and layout do not count.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def code_version(module: str) -> str:
    """Return the hash for a module, such as "scripts.training.train.prior"; imports inside functions count."""
    names, seen = [module], {}
    while names:
        name = names.pop()
        if name not in seen and (path := file_of(name)) is not None:
            seen[name] = path
            names += imported(path, name)
    lines = [f"{name} {statements_hash(path)}" for name, path in sorted(seen.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def file_of(name: str) -> Path | None:
    """Return the file of a module of this repository, or None."""
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def imported(path: Path, name: str) -> list[str]:
    """Return the names that a module's imports may mean, with those of packages on the way."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    names = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join([*package[: len(package) + 1 - node.level], *([node.module] if node.module else [])])
            origin = origin if node.level else node.module or ""
            names += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)}
    return [*names, *sorted(parents)]


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def statements_hash(path: Path) -> str:
    """Return a hash of a file's statements."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
