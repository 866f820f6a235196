# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its response: headers that are sent, headers that are read, and what each failure means."""

import email.message
import http.client
import io
import ssl
from types import SimpleNamespace
from urllib import request
from urllib.error import HTTPError, URLError

import pytest

from blender_text3d.engine.weights.download import http as http_module
from blender_text3d.engine.weights.download.http import SecureRedirects, send_request
from blender_text3d.engine.weights.download.retry_policy import SourceError, TransientError

URL = "https://source.example.org/net.pt"


class Response(io.BytesIO):
    """A response with a status and headers."""

    def __init__(self, status, **headers):
        super().__init__(b"body")
        self.status, self.headers = status, message(headers)


def message(headers):
    result = email.message.Message()
    for name, value in headers.items():
        result[name.replace("_", "-")] = value
    return result


@pytest.fixture
def respond(monkeypatch):
    """Answer requests with a response or an error; return the list of requests and timeouts."""

    def replace(response):
        requests = []

        def open_url(sent, timeout):
            requests.append((sent, timeout))
            if isinstance(response, Exception):
                raise response
            return response

        monkeypatch.setattr(http_module, "url_opener", lambda: SimpleNamespace(open=open_url))
        return requests

    return replace


def failed(code, reason="", **headers):
    return HTTPError(URL, code, reason, message(headers), io.BytesIO())


@pytest.mark.parametrize(
    ("start", "validator", "expected"),
    [
        (0, "", {}),
        (0, '"v"', {}),
        (1, "", {"Range": "bytes=1-"}),
        (700, '"v"', {"Range": "bytes=700-", "If-range": '"v"'}),
    ],
)
def test_a_request_names_the_first_byte_and_the_version_that_it_continues(respond, start, validator, expected):
    requests = respond(Response(206 if start else 200, Content_Range=f"bytes {start}-9/10"))
    send_request(URL, start, validator, 3.5)
    ((sent, timeout),) = requests
    assert (sent.full_url, timeout) == (URL, 3.5)
    assert dict(sent.headers) == {"User-agent": "blender_text3d", "Accept-encoding": "identity"} | expected


@pytest.mark.parametrize(
    ("headers", "total", "validator"),
    [
        ({}, 0, ""),
        ({"Content_Length": "145"}, 145, ""),
        ({"Content_Length": "many"}, 0, ""),
        ({"ETag": '"v"', "Last_Modified": "a date"}, 0, '"v"'),
        ({"ETag": 'W/"v"', "Last_Modified": "a date"}, 0, "a date"),
        ({"ETag": 'W/"v"'}, 0, ""),
        ({"Last_Modified": "a date", "Content_Encoding": "identity"}, 0, "a date"),
        ({"Content_Length": "9" * 15}, 999_999_999_999_999, ""),
    ],
)
def test_a_complete_file_has_a_size_and_a_strong_validator_or_a_date(respond, headers, total, validator):
    response = Response(200, **headers)
    respond(response)
    found = send_request(URL, 0, "", 1.0)
    assert (found.body, found.start, found.total, found.validator) == (response, 0, total, validator)
    assert not response.closed


def test_a_complete_file_instead_of_its_rest_starts_at_zero(respond):
    respond(Response(200, Content_Length="145", Content_Range="bytes 7-9/10"))
    assert send_request(URL, 7, "", 1.0).start == 0


@pytest.mark.parametrize(("total", "expected"), [("145", 145), ("*", 0)])
def test_the_rest_of_a_file_has_the_complete_size(respond, total, expected):
    respond(Response(206, Content_Range=f" bytes 7-144/{total} ", Content_Length="138", ETag='"v"'))
    found = send_request(URL, 7, "", 1.0)
    assert (found.start, found.total, found.validator) == (7, expected, '"v"')


@pytest.mark.parametrize(
    "span", ["bytes 8-144/145", "bytes 0-144/145", "", "7-144/145", "bytes 7-144/145x", "bytes */145"]
)
def test_another_part_is_a_reason_to_try_again(respond, span):
    response = Response(206, Content_Range=span)
    respond(response)
    with pytest.raises(TransientError, match="^sent another part of the file than was requested$"):
        send_request(URL, 7, "", 1.0)
    assert response.closed


def test_a_compressed_transfer_is_refused(respond):
    respond(Response(200, Content_Encoding="gzip"))
    with pytest.raises(SourceError, match="^compresses the transfer, so that it cannot be resumed$"):
        send_request(URL, 0, "", 1.0)


def test_a_size_of_too_many_digits_is_refused(respond):
    respond(Response(200, Content_Length="1" + "0" * 30))
    with pytest.raises(SourceError, match=r"^reports a size of 10000000000000000000\.\.\. bytes$"):
        send_request(URL, 0, "", 1.0)


@pytest.mark.parametrize(
    ("start", "span", "is_end"),
    [(100, "bytes */100", True), (100, "bytes */99", False), (100, "bytes */101", False), (100, "", False)],
)
def test_a_range_that_is_not_satisfiable_is_the_end_of_the_file_or_another_file(respond, start, span, is_end):
    respond(failed(416, Content_Range=span))
    if is_end:
        assert send_request(URL, start, "", 1.0) is None
    else:
        with pytest.raises(TransientError, match="^now has a different file$"):
            send_request(URL, start, "", 1.0)


def test_a_range_error_without_a_range_is_an_error_of_the_source(respond):
    respond(failed(416, Content_Range="bytes */0"))
    with pytest.raises(SourceError, match="returns error 416"):
        send_request(URL, 0, "", 1.0)


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_is_a_reason_to_try_again(respond, code):
    respond(failed(code))
    with pytest.raises(TransientError, match=rf"^is temporarily unavailable \({code}\)$"):
        send_request(URL, 0, "", 1.0)


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (400, "", "returns error 400"),
        (401, "", "requires a password"),
        (403, "", "denies access"),
        (404, "", r"does not have the file \(404\)"),
        (410, "", r"no longer has the file \(410\)"),
        (501, "", "returns error 501"),
        (300, "", "redirects to a URL that is not secure"),
        (302, "would lead to an infinite loop", "redirects in a loop"),
        (399, "", "redirects to a URL that is not secure"),
    ],
)
def test_a_source_that_will_not_give_the_file_is_described(respond, code, reason, expected):
    respond(failed(code, reason))
    with pytest.raises(SourceError, match=f"^{expected}$"):
        send_request(URL, 0, "", 1.0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (URLError(TimeoutError("timed out")), "did not respond in time"),
        (TimeoutError("timed out"), "did not respond in time"),
        (URLError(OSError(111, "Connection refused")), r"could not be reached \(.*Connection refused\)"),
        (ConnectionResetError(104, "reset"), r"could not be reached \(.*reset\)"),
        (http.client.BadStatusLine("garbage"), r"could not be reached \(garbage\)"),
    ],
)
def test_a_connection_that_fails_is_a_reason_to_try_again(respond, error, expected):
    respond(error)
    with pytest.raises(TransientError, match=f"^{expected}$"):
        send_request(URL, 0, "", 1.0)


def test_an_untrusted_certificate_is_not_tried_again_and_says_what_to_set(respond):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    respond(URLError(error))
    with pytest.raises(SourceError, match=r"does not trust \(self-signed certificate\).* set SSL_CERT_FILE to its"):
        send_request(URL, 0, "", 1.0)


def test_an_invalid_redirect_is_refused(respond):
    respond(ValueError("Invalid IPv6 URL"))
    with pytest.raises(SourceError, match="^redirects to an invalid URL$"):
        send_request(URL, 0, "", 1.0)


@pytest.mark.parametrize(
    ("old", "new", "is_followed"),
    [
        ("https://a.org/x", "https://b.org/y", True),
        ("http://a.org/x", "https://b.org/y", True),
        ("http://localhost/x", "http://127.0.0.1:8/y", True),
        ("http://[::1]/x", "http://localhost/y", True),
        ("http://a.org/x", "http://127.0.0.1/y", False),
        ("http://127.0.0.1/x", "http://a.org/y", False),
        ("https://127.0.0.1/x", "http://127.0.0.1/y", False),
        ("http://127.0.0.1/x", "ftp://127.0.0.1/y", False),
    ],
)
def test_redirects_lead_to_https_or_stay_on_this_machine(old, new, is_followed):
    def follow():
        sent = request.Request(old, headers={"Range": "bytes=7-"})
        return SecureRedirects().redirect_request(sent, None, 302, "", {}, new)

    if is_followed:
        assert (follow().full_url, follow().headers) == (new, {"Range": "bytes=7-"})
    else:
        with pytest.raises(SourceError, match=r"^redirects to \w+://[\w.]+, which is not secure$"):
            follow()


def test_the_certificates_of_the_environment_are_added_to_the_systems(monkeypatch):
    calls = []
    context = SimpleNamespace(load_verify_locations=lambda cafile: calls.append(cafile))
    monkeypatch.setattr(http_module.ssl, "create_default_context", lambda: context)
    http_module._ssl_context.cache_clear()
    try:
        assert http_module._ssl_context("", "system") is context
        assert http_module._ssl_context("/bundle.pem") is context
    finally:
        http_module._ssl_context.cache_clear()
    assert calls == ["/bundle.pem"]


def test_changed_certificate_settings_are_read_again(monkeypatch):
    asked = []
    monkeypatch.setattr(http_module, "_ssl_context", lambda *settings: asked.append(settings))
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, name.lower())
    http_module.url_opener()
    monkeypatch.delenv("SSL_CERT_DIR")
    http_module.url_opener()
    assert asked == [
        ("requests_ca_bundle", "ssl_cert_file", "ssl_cert_dir"),
        ("requests_ca_bundle", "ssl_cert_file", ""),
    ]
