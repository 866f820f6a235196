# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's configuration of pip and uv."""

import os
import sys

import pytest

from blender_text3d.environment.installers import pip_config
from blender_text3d.environment.installers.pip_config import (
    UV_CERTIFICATES,
    UV_SOURCES,
    has_custom_source,
    parse_pip_config,
    read_pip_config,
    uv_index_arguments,
    uv_variables,
)
from blender_text3d.system.run_logged import Log

CERTIFICATES = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    """No configuration; a function that writes uv's file."""
    for name in (*UV_SOURCES, *UV_CERTIFICATES, "UV_HTTP_TIMEOUT", "UV_INSECURE_HOST", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "uv" / "uv.toml"
    file.parent.mkdir()
    monkeypatch.setattr(pip_config, "_uv_files", lambda: [tmp_path / "no file", file])
    return file.write_text


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        (["global.index-url='https://a'"], {"index-url": "https://a"}),
        (["global.index-url='https://a'", "install.index-url='https://b'"], {"index-url": "https://b"}),
        (["install.index-url='https://b'", "global.index-url='https://a'"], {"index-url": "https://b"}),
        ([":env:.index-url='https://c'", "install.index-url='https://b'"], {"index-url": "https://c"}),
        (["global.index_url='https://a'"], {"index-url": "https://a"}),
        (["freeze.timeout='1'", "download.index-url='x'"], {}),
        (["global.find-links='\\n/a\\n/b c'"], {"find-links": "\n/a\n/b c"}),
        (["global.cert=/ca.crt"], {"cert": "/ca.crt"}),
        (["global.index-url='https://a?x=1'"], {"index-url": "https://a?x=1"}),
        (["  global.timeout =  '5' "], {"timeout": "5"}),
        (["WARNING: global.x", "global.timeout", ""], {}),
    ],
)
def test_options_are_read_by_name_and_the_environments_override_the_others(lines, options):
    assert parse_pip_config(lines) == options


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces the Python")
@pytest.mark.parametrize(("code", "expected"), [(0, {"timeout": "5"}), (1, {})])
def test_the_configuration_is_that_of_the_environments_own_pip(code, expected, tmp_path):
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\n[ "$*" = "-I -m pip config list" ] && echo "global.timeout=\'5\'"\nexit {code}\n')
    program.chmod(0o755)
    assert read_pip_config(program, Log()) == expected


@pytest.mark.parametrize("name", ["index-url", "extra-index-url", "find-links", "no-index"])
def test_each_source_of_pip_is_custom(name):
    assert has_custom_source({name: "x"})
    assert not has_custom_source({name: ""})


@pytest.mark.parametrize("name", UV_SOURCES)
def test_each_source_of_uv_is_custom_and_replaces_pips(name, monkeypatch):
    settings = {"find-links": "/a", "timeout": "5"}
    assert not has_custom_source({})
    assert uv_variables(settings) == CERTIFICATES | {"UV_FIND_LINKS": "/a", "UV_HTTP_TIMEOUT": "5"}
    monkeypatch.setenv(name, "x")
    assert has_custom_source({})
    assert uv_variables(settings) == CERTIFICATES | {"UV_HTTP_TIMEOUT": "5"}


@pytest.mark.parametrize(
    ("text", "is_custom"),
    [
        ("[[index]]\n", True),
        ("[[pip.index]]\n", True),
        ('index = "x"', True),
        ('index-url = "x"', True),
        ('  extra-index-url = ["x"]', True),
        ('default-index="x"', True),
        ('find-links = ["x"]', True),
        ("no-index = true", True),
        ('native-tls = true\nindex-url = "x"', True),
        ('index-strategy = "x"', False),
        ('my-index-url = "x"', False),
        ('# index-url = "x"', False),
    ],
)
def test_a_source_in_the_file_of_uv_is_custom(text, is_custom, config):
    config(text)
    assert has_custom_source({}) is is_custom


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        ({"index-url": "https://a"}, {"UV_DEFAULT_INDEX": "https://a"}),
        ({"extra-index-url": "https://a\nhttps://b"},
         {"UV_INDEX": "https://a https://b", "UV_INDEX_STRATEGY": "unsafe-best-match"}),
        ({"find-links": "/a /b"}, {"UV_FIND_LINKS": "/a,/b"}),
        *[({"no-index": value}, {"UV_NO_INDEX": "1"}) for value in ("1", "true", "Yes", "ON")],
        *[({"no-index": value}, {}) for value in ("0", "false", "no", "")],
        ({"proxy": "http://p:8080"}, {"HTTP_PROXY": "http://p:8080", "HTTPS_PROXY": "http://p:8080"}),
        ({"trusted-host": "a\n  b:8080"}, {"UV_INSECURE_HOST": "a b:8080"}),
        ({"timeout": "15"}, {"UV_HTTP_TIMEOUT": "15"}),
        ({"default-timeout": "15"}, {"UV_HTTP_TIMEOUT": "15"}),
        ({"default-timeout": "15", "timeout": "20"}, {"UV_HTTP_TIMEOUT": "20"}),
        ({"timeout": "15.5"}, {}),
    ],
)  # fmt: skip
def test_each_option_of_pip_becomes_a_variable_of_uv(settings, variables):
    assert uv_variables(settings) == CERTIFICATES | variables


def test_a_certificate_of_pip_replaces_those_of_the_system():
    assert uv_variables({"cert": "/ca.crt"}) == {"SSL_CERT_FILE": "/ca.crt"}


def test_the_users_own_variables_win(monkeypatch):
    for name in ("HTTP_PROXY", "UV_INSECURE_HOST", "UV_HTTP_TIMEOUT", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "mine")
    settings = {"proxy": "p", "trusted-host": "h", "timeout": "5", "cert": "/ca.crt"}
    assert uv_variables(settings) == {"HTTPS_PROXY": "p"}


@pytest.mark.parametrize("text", ["native-tls = false", " system-certs = true"])
def test_the_choice_of_certificates_in_the_file_of_uv_is_kept(text, config):
    config(f"offline = false\n{text}\n")
    assert uv_variables({}) == {}
    assert uv_variables({"cert": "/ca.crt"}) == {"SSL_CERT_FILE": "/ca.crt"}


OTHERS = {"UV_INDEX": "", "UV_EXTRA_INDEX_URL": "", "UV_INDEX_URL": "", "UV_DEFAULT_INDEX": ""}


def test_an_index_on_the_command_line_is_the_only_one(config, monkeypatch):
    given = ("--no-deps", "--index-url", "https://a", "torch")
    translated = ("--no-deps", "--default-index", "https://a", "torch")
    assert uv_index_arguments(given) == (translated, OTHERS)
    config("find-links = ['/a']")
    assert uv_index_arguments(given) == (translated, OTHERS | {"UV_CONFIG_FILE": os.devnull})
    config("")
    monkeypatch.setenv("UV_CONFIG_FILE", "/mine.toml")
    assert uv_index_arguments(given) == (translated, OTHERS | {"UV_CONFIG_FILE": os.devnull})


def test_without_an_index_on_the_command_line_nothing_is_translated(monkeypatch):
    monkeypatch.setenv("UV_CONFIG_FILE", "/mine.toml")
    assert uv_index_arguments(("--find-links", "/a", "torch")) == (("--find-links", "/a", "torch"), {})


def test_a_file_that_is_no_text_matches_nothing_and_stops_nothing(config, tmp_path):
    (tmp_path / "uv" / "uv.toml").write_bytes(b"\xff\xfe\nno-index = true\n")
    assert has_custom_source({})
