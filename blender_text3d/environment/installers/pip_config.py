# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate pip's configuration for uv, which does not read it; many users have configured a mirror for pip only.

Source: pip's `config list` prints NAME.OPTION='value', files before the environment; uv's environment variables.
"""

import ast
import os
import re
from pathlib import Path

from ...system.run_logged import Log, run_logged

SECTIONS = ("global", "install", ":env:")  # later ones override earlier ones
SOURCES = ("index-url", "extra-index-url", "find-links", "no-index")
# A user who has configured a package source for uv has configured all that it needs.
UV_SOURCES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
              "UV_CONFIG_FILE")  # fmt: skip
UV_SOURCE_IN_FILE = r"^\s*(\[\[(pip\.)?index\]\]|((extra-|default-)?index(-url)?|find-links|no-index)\s*=)"
UV_CERTIFICATES = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_FILE", "SSL_CERT_DIR")
UV_CERTIFICATES_IN_FILE = r"^\s*(system-certs|native-tls)\s*="
# uv prefers these to the default index of its command line.
UV_OTHER_INDEXES = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")


def read_pip_config(python: Path, log: Log) -> dict[str, str]:
    """Return the options of an environment's pip by name."""
    result = run_logged([python, "-I", "-m", "pip", "config", "list"], log)
    return parse_pip_config(result.lines) if result.code == 0 else {}


def parse_pip_config(lines: list[str]) -> dict[str, str]:
    """Return the options that `pip config list` printed, without those of commands other than install."""
    options: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in lines:
        name, is_pair, value = line.partition("=")
        section, _, option = name.strip().rpartition(".")
        if is_pair and section in options:
            options[section][option.replace("_", "-")] = _unquoted(value.strip())
    return {option: value for section in SECTIONS for option, value in options[section].items()}


def has_custom_source(settings: dict[str, str]) -> bool:
    """True if the user has configured a package source for pip or uv."""
    is_set = any(settings.get(name) for name in SOURCES) or any(os.environ.get(name) for name in UV_SOURCES)
    return is_set or uv_config_matches(UV_SOURCE_IN_FILE)


def uv_config_matches(pattern: str) -> bool:
    """True if a pattern matches in the user's or the machine's configuration file of uv."""
    return any(re.search(pattern, _text(path), re.MULTILINE) for path in _uv_files())


def uv_variables(settings: dict[str, str]) -> dict[str, str]:
    """Return variables that configure uv as pip is configured; the user's own variables for uv are kept."""
    variables = _certificate(settings)
    if not any(os.environ.get(name) for name in UV_SOURCES):
        variables |= _sources(settings)
    if proxy := settings.get("proxy"):
        variables |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    if hosts := settings.get("trusted-host"):
        variables["UV_INSECURE_HOST"] = " ".join(hosts.split())
    if (timeout := settings.get("timeout", settings.get("default-timeout", ""))).isdigit():
        variables["UV_HTTP_TIMEOUT"] = timeout
    return {name: value for name, value in variables.items() if not os.environ.get(name)}


def uv_index_arguments(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return arguments of pip translated for uv, and the variables they need.

    In pip, `--index-url` overrides the configuration; in uv, a default index from a variable and any further index
    override it. A configuration file of the user that may contain indexes is then not read at all.
    """
    if "--index-url" not in arguments:
        return arguments, {}
    variables = {name: "" for name in UV_OTHER_INDEXES}
    if os.environ.get("UV_CONFIG_FILE") or uv_config_matches(UV_SOURCE_IN_FILE):
        variables["UV_CONFIG_FILE"] = os.devnull
    return tuple("--default-index" if argument == "--index-url" else argument for argument in arguments), variables


def _uv_files() -> list[Path]:
    """Return the user's and the machine's configuration files of uv.

    Source: uv's documentation of configuration files.
    """
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
    variables = {}
    if url := settings.get("index-url"):
        variables["UV_DEFAULT_INDEX"] = url
    if more := settings.get("extra-index-url", "").split():
        # pip takes the best version of all indexes; hashes keep out packages of the same name.
        variables |= {"UV_INDEX": " ".join(more), "UV_INDEX_STRATEGY": "unsafe-best-match"}
    if folders := settings.get("find-links", "").split():
        variables["UV_FIND_LINKS"] = ",".join(folders)
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        variables["UV_NO_INDEX"] = "1"
    return variables


def _certificate(settings: dict[str, str]) -> dict[str, str]:
    """Return variables for pip's certificate, else those of the system, which pip uses too (for company proxies)."""
    if settings.get("cert"):
        return {"SSL_CERT_FILE": settings["cert"]}
    if any(os.environ.get(name) for name in UV_CERTIFICATES) or uv_config_matches(UV_CERTIFICATES_IN_FILE):
        return {}
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is for older versions


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value
