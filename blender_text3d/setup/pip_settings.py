# SPDX-License-Identifier: GPL-3.0-or-later
"""pip's own configuration in uv's words: uv reads no file of pip's, and many users have told only pip of their mirror.

Source: pip's `config list` prints NAME.OPTION='value', files before the environment; uv's environment variables.
"""

import ast
import os
import re
from pathlib import Path

from .running import Log, run_to_end

SECTIONS = ("global", "install", ":env:")  # each stronger than those before it
SOURCES = ("index-url", "extra-index-url", "find-links", "no-index")
# A user who told uv of a source of packages has told it all that it is to know.
UV_SOURCES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
              "UV_CONFIG_FILE")  # fmt: skip
UV_SOURCE_IN_FILE = re.compile(
    r"^\s*(\[\[(pip\.)?index\]\]|((extra-|default-)?index(-url)?|find-links|no-index)\s*=)", re.MULTILINE
)


def pip_settings(python: Path, log: Log) -> dict[str, str]:
    """Options of pip by name, as they hold in an environment."""
    ended = run_to_end([python, "-I", "-m", "pip", "config", "list"], log)
    return settings_in(ended.lines) if ended.code == 0 else {}


def settings_in(lines: list[str]) -> dict[str, str]:
    """What `pip config list` printed, without the options of other commands than install."""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in lines:
        name, is_pair, value = line.partition("=")
        section, _, option = name.strip().rpartition(".")
        if is_pair and section in found:
            found[section][option.replace("_", "-")] = _unquoted(value.strip())
    return {option: value for section in SECTIONS for option, value in found[section].items()}


def has_own_source(settings: dict[str, str]) -> bool:
    """Whether packages come from somewhere that the user chose."""
    is_told = any(settings.get(name) for name in SOURCES) or any(os.environ.get(name) for name in UV_SOURCES)
    return is_told or any(UV_SOURCE_IN_FILE.search(text) for text in map(_text, _uv_files()))


def uv_variables(settings: dict[str, str]) -> dict[str, str]:
    """Variables that tell uv what pip is told; what the user has told uv stays."""
    told = _certificate(settings)
    if not any(os.environ.get(name) for name in UV_SOURCES):
        told |= _sources(settings)
    if proxy := settings.get("proxy"):
        told |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    if hosts := settings.get("trusted-host"):
        told["UV_INSECURE_HOST"] = " ".join(hosts.split())
    if (timeout := settings.get("timeout", settings.get("default-timeout", ""))).isdigit():
        told["UV_HTTP_TIMEOUT"] = timeout
    return {name: value for name, value in told.items() if not os.environ.get(name)}


def _uv_files() -> list[Path]:
    """The user's and the machine's settings of uv. Source: uv's documentation of configuration files."""
    if os.name == "nt":
        folders = [os.environ.get("APPDATA", ""), os.environ.get("PROGRAMDATA", "")]
    else:
        folders = [os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "/etc"]
    return [Path(folder) / "uv" / "uv.toml" for folder in folders if folder]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sources(settings: dict[str, str]) -> dict[str, str]:
    told = {}
    if address := settings.get("index-url"):
        told["UV_DEFAULT_INDEX"] = address
    if more := settings.get("extra-index-url", "").split():
        # pip takes the best of all its indexes; hashes keep a stranger's package out.
        told |= {"UV_INDEX": " ".join(more), "UV_INDEX_STRATEGY": "unsafe-best-match"}
    if folders := settings.get("find-links", "").split():
        told["UV_FIND_LINKS"] = ",".join(folders)
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        told["UV_NO_INDEX"] = "1"
    return told


def _certificate(settings: dict[str, str]) -> dict[str, str]:
    return {"SSL_CERT_FILE": settings["cert"]} if settings.get("cert") else {}


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value
