# SPDX-License-Identifier: GPL-3.0-or-later
"""pip's own configuration in uv's words: uv reads no file of pip's, and many users have told only pip of their mirror.

Source: pip's `config list` prints NAME.OPTION='value', files before the environment; uv's environment variables.
"""

import ast
import os
import re
from pathlib import Path

from ...system.run_logged import Log, run_logged

SECTIONS = ("global", "install", ":env:")  # each stronger than those before it
SOURCES = ("index-url", "extra-index-url", "find-links", "no-index")
# A user who told uv of a source of packages has told it all that it is to know.
UV_SOURCES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
              "UV_CONFIG_FILE")  # fmt: skip
UV_SOURCE_IN_FILE = r"^\s*(\[\[(pip\.)?index\]\]|((extra-|default-)?index(-url)?|find-links|no-index)\s*=)"
UV_CERTIFICATES = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_FILE", "SSL_CERT_DIR")
UV_CERTIFICATES_IN_FILE = r"^\s*(system-certs|native-tls)\s*="
# Where they are told beside a default index, uv asks these first.
UV_MORE_INDEXES = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")


def pip_settings(python: Path, log: Log) -> dict[str, str]:
    """Options of pip by name, as they hold in an environment."""
    ended = run_logged([python, "-I", "-m", "pip", "config", "list"], log)
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
    return is_told or uv_files_say(UV_SOURCE_IN_FILE)


def uv_files_say(pattern: str) -> bool:
    """Whether a line of the user's or the machine's settings of uv is as a pattern has it."""
    return any(re.search(pattern, _text(path), re.MULTILINE) for path in _uv_files())


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


def with_one_index(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Arguments for pip in uv's words, and the variables that go with them.

    To pip, `--index-url` is stronger than its configuration; to uv, a default index from a variable is stronger than
    that, and any further index as well. A file of the user's that may name indexes is not read at all then.
    """
    if "--index-url" not in arguments:
        return arguments, {}
    variables = {name: "" for name in UV_MORE_INDEXES}
    if os.environ.get("UV_CONFIG_FILE") or uv_files_say(UV_SOURCE_IN_FILE):
        variables["UV_CONFIG_FILE"] = os.devnull
    return tuple("--default-index" if word == "--index-url" else word for word in arguments), variables


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
    """Those of pip's configuration, else those of the system, which pip takes as well and a company's proxy needs."""
    if settings.get("cert"):
        return {"SSL_CERT_FILE": settings["cert"]}
    if any(os.environ.get(name) for name in UV_CERTIFICATES) or uv_files_say(UV_CERTIFICATES_IN_FILE):
        return {}
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is the first's name in older versions


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value
