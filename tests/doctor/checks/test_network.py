# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies, certificates and the viewer's port, of which no value is printed."""

import socket
from dataclasses import replace

import pytest

from blender_text3d.doctor.checks import network
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding

PROXY_FIX = "Correct or unset these environment variables, and restart Blender."


def proxies(bare, **variables) -> tuple[str, str]:
    (found,) = network.proxies(bare, variables)
    assert (found.check, found.what, found.wanted) == ("proxies", "Proxies and certificates", "none, or valid ones")
    assert found.fix == (PROXY_FIX if found.state == BAD else "")
    return found.state, found.found


def test_the_names_of_all_settings_are_listed_in_a_fixed_order(bare, tmp_path):
    assert proxies(bare) == (GOOD, "none set")
    assert proxies(bare, PIP_INDEX_URL="x", https_proxy="p:1", SSL_CERT_DIR=str(tmp_path), HOME="/x") == (
        GOOD, "set: HTTPS_PROXY, SSL_CERT_DIR, PIP_INDEX_URL")  # fmt: skip
    for name in (*network.PROXIES, *network.INDEXES):
        assert proxies(bare, **{name: "host"}) == (GOOD, f"set: {name}")
        assert proxies(bare, **{name.lower(): "host"}) == (GOOD, f"set: {name}")
        assert proxies(bare, **{name: ""}) == (GOOD, "none set")


def test_these_variables_are_looked_at():
    assert network.PROXIES == ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    assert network.CERTIFICATES == (
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")  # fmt: skip
    assert network.INDEXES == (
        "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX"
    )  # fmt: skip


@pytest.mark.parametrize("name", network.CERTIFICATES)
def test_a_certificate_that_does_not_exist_is_bad(name, bare, tmp_path):
    assert proxies(bare, **{name: str(tmp_path)}) == (GOOD, f"set: {name}")
    assert proxies(bare, **{name: str(tmp_path / "gone")}) == (BAD, f"{name} is not valid")


@pytest.mark.parametrize("name", [*network.PROXIES, *map(str.lower, network.PROXIES)])
def test_a_proxy_without_a_host_is_bad(name, bare):
    assert proxies(bare, **{name: "http://"}) == (BAD, f"{name.upper()} is not valid")


def test_several_invalid_settings_are_named_together_certificates_first(bare):
    found = proxies(bare, HTTP_PROXY="//", PIP_CERT="/gone")
    assert found == (BAD, "PIP_CERT, HTTP_PROXY are not valid")


def test_the_variables_of_this_process_are_checked_by_default(bare, monkeypatch):
    for name in (*network.PROXIES, *network.CERTIFICATES, *network.INDEXES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("ALL_PROXY", "host:1")
    (found,) = network.proxies(bare)
    assert found.found == "set: ALL_PROXY"


@pytest.mark.parametrize(
    ("proxy", "is_valid"),
    [("", True), ("host", True), ("host:8080", True), ("http://me:pw@host:8080/", True), ("//host", True),
     ("http://", False), ("//", False), ("http://:8080", False), ("http://[::", False)],
)  # fmt: skip
def test_a_proxy_is_empty_or_has_a_host(proxy, is_valid):
    assert network.is_valid_proxy(proxy) is is_valid


WANTED = "rerun+http://host:port/proxy of a running viewer"
FIX = "Start Rerun there, or clear the URL to open a viewer automatically."


@pytest.mark.parametrize("url", ["localhost:9876", "http://localhost:1/proxy", "rerun+http://", "rerun+http://host",
                                 "rerun+http://a:b", "rerun+http://a:99999/proxy", "rerun+http://a:1/x", "spawn",
                                 "rerun+http://:9876/proxy"])  # fmt: skip
def test_another_url_than_a_viewers_is_bad(url, bare):
    assert list(network.viewer_port(replace(bare, viewer=url))) == [
        Finding("viewer", "Viewer URL", BAD, "not a URL of this form", WANTED, FIX, "preferences")
    ]


def test_another_machine_is_not_asked(bare, monkeypatch):
    monkeypatch.setattr(network, "is_listening", lambda host, port: pytest.fail("it was asked"))
    assert list(network.viewer_port(replace(bare, viewer=" rerun+https://elsewhere:9876/proxy "))) == [
        Finding("viewer", "Viewer URL", GOOD, "on another machine, so it was not checked", WANTED)
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("is_running", [True, False])
def test_a_viewer_on_this_machine_is_asked(host, is_running, bare, monkeypatch):
    asked = []
    monkeypatch.setattr(network, "is_listening", lambda host, port: asked.append((host, port)) or is_running)
    (found,) = network.viewer_port(replace(bare, viewer=f"rerun+http://{host}:9876/proxy"))
    if is_running:
        expected = (GOOD, "a program listens on port 9876 of this machine", "", "")
    else:
        expected = (WARN, "no program listens on port 9876 of this machine", FIX, "preferences")
    assert (found.state, found.found, found.fix, found.button) == expected
    assert asked == [(host.strip("[]"), 9876)]


def test_without_a_url_a_port_of_this_machine_is_tried(bare, monkeypatch):
    assert list(network.viewer_port(replace(bare, viewer=" "))) == [
        Finding("viewer", "Viewer port", GOOD, "free ports on 127.0.0.1", "a free port on 127.0.0.1")
    ]
    monkeypatch.setattr(network, "is_listening", lambda host, port: False)
    assert list(network.viewer_port(bare)) == [
        Finding("viewer", "Viewer port", WARN, "none (it cannot be reached)", "a free port on 127.0.0.1",
                "Allow local connections in the firewall. Objects can be generated without it.")
    ]  # fmt: skip


def test_a_port_is_open_while_a_program_listens():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        assert not network.is_listening(host, port)
        listener.listen(1)
        assert network.is_listening(host, port)
    assert not network.is_listening(host, port)


def test_a_port_that_does_not_answer_is_given_up_after_two_seconds(monkeypatch):
    def connect(address, timeout):
        assert (address, timeout) == (("h", 1), 2)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", connect)
    assert not network.is_listening("h", 1)
