# SPDX-License-Identifier: GPL-3.0-or-later
"""Send one HTTP request for a file, or for the rest of it, and interpret the response.

Proxies are those of the environment or the system. Certificates are the system's, those of SSL_CERT_FILE and
SSL_CERT_DIR, and those of REQUESTS_CA_BUNDLE. Redirects may lead only to https, or stay on this machine; no other
schemes than http and https are opened.

Source for ranges, validators and status codes: RFC 9110, sections 8.8, 13.1.5, 14 and 15.
"""

import http.client
import os
import re
import ssl
from dataclasses import dataclass
from functools import cache
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from .retry_policy import SourceError, TransientError

USER_AGENT = "blender_text3d"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
COUNT = r"(\d{1,15})"
"""A byte count in a header. No file needs more digits, and Python refuses to parse very many."""
RETRYABLE_STATUSES = {408, 425, 429, 500, 502, 503, 504}
STATUS_MESSAGES = {
    401: "requires a password",
    403: "denies access",
    404: "does not have the file (404)",
    410: "no longer has the file (410)",
}
READ_ERRORS = (OSError, http.client.HTTPException)
"""Errors of reading the body of a response."""


@dataclass(frozen=True)
class RangeResponse:
    """A response whose body is not read yet.

    Attributes:
        body: the open response.
        start: offset in the file at which the body starts.
        total: size of the complete file; 0 if the source does not report it.
        validator: the ETag or date of this version of the file; "" if the source sends none.
    """

    body: http.client.HTTPResponse
    start: int
    total: int
    validator: str


def send_request(url: str, start: int, validator: str, timeout_s: float) -> RangeResponse | None:
    """Request a file from an offset on.

    Args:
        url: URL of the file.
        start: Offset of the first byte that is needed.
        validator: ETag or date of the version that the earlier bytes are of; a source with another version sends the
            complete file.
        timeout_s: Seconds for the connection and for each read.

    Returns:
        The response, or None if the source reports that `start` is the end of the file.

    Raises:
        SourceError: The source will not give the file.
        TransientError: The source failed, but a retry may succeed.
    """
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        headers |= {"If-Range": validator} if validator else {}
    try:
        response = url_opener().open(request.Request(url, headers=headers), timeout=timeout_s)
    except HTTPError as error:
        with error:
            if _is_end_of_file(error, start):
                return None
            raise _status_error(error, start) from error
    except (URLError, http.client.HTTPException, OSError) as error:
        raise _connection_error(error) from error
    except ValueError as error:  # from an invalid redirect
        raise SourceError("redirects to an invalid URL") from error
    try:
        return _parse_response(response, start)
    except BaseException:
        response.close()
        raise


def url_opener() -> request.OpenerDirector:
    """Return an opener with the current proxy and certificate settings.

    Raises:
        SourceError: The certificates cannot be read.
    """
    director = request.OpenerDirector()
    certificates = _ssl_context(*(os.environ.get(name, "") for name in CERTIFICATE_VARIABLES))
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(context=certificates),
        SecureRedirects(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        request.UnknownHandler(),
    ):
        director.add_handler(handler)
    return director


class SecureRedirects(request.HTTPRedirectHandler):
    """Follows redirects to https, and to http on this machine."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        is_local = {old.hostname, new.hostname} <= LOCAL_HOSTS
        if new.scheme != "https" and not (is_local and new.scheme == old.scheme == "http"):
            raise SourceError(f"redirects to {new.scheme}://{new.hostname}, which is not secure")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@cache
def _ssl_context(bundle: str, *_system: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=bundle) if bundle else None
    except OSError as error:
        raise SourceError(f"was not tried: the certificates of REQUESTS_CA_BUNDLE cannot be read ({error})") from error
    return context


def _parse_response(response: http.client.HTTPResponse, start: int) -> RangeResponse:
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        raise SourceError("compresses the transfer, so that it cannot be resumed")
    etag = headers.get("ETag", "")
    validator = etag if etag.startswith('"') else headers.get("Last-Modified", "")
    if response.status == 206:
        span = re.fullmatch(rf"bytes {COUNT}-\d+/({COUNT}|\*)", headers.get("Content-Range", "").strip(), re.ASCII)
        if span is None or int(span[1]) != start:
            raise TransientError("sent another part of the file than was requested")
        return RangeResponse(response, start, int(span[2]) if span[2] != "*" else 0, validator)
    length = headers.get("Content-Length", "")
    if length.isdecimal() and not re.fullmatch(COUNT, length):
        raise SourceError(f"reports a size of {length:.20}... bytes")
    return RangeResponse(response, 0, int(length) if length.isdecimal() else 0, validator)


def _is_end_of_file(error: HTTPError, start: int) -> bool:
    span = re.fullmatch(rf"bytes \*/{COUNT}", error.headers.get("Content-Range", "").strip(), re.ASCII)
    return error.code == 416 and start > 0 and span is not None and int(span[1]) == start


def _status_error(error: HTTPError, start: int) -> SourceError | TransientError:
    if error.code == 416 and start:
        return TransientError("now has a different file")
    if error.code in RETRYABLE_STATUSES:
        return TransientError(f"is temporarily unavailable ({error.code})")
    if 300 <= error.code < 400:
        is_loop = "loop" in str(error.reason)
        return SourceError("redirects in a loop" if is_loop else "redirects to a URL that is not secure")
    return SourceError(STATUS_MESSAGES.get(error.code, f"returns error {error.code}"))


def _connection_error(error: Exception) -> SourceError | TransientError:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return SourceError(
            f"has a certificate that this machine does not trust ({reason.verify_message}); behind a company's proxy, "
            "set SSL_CERT_FILE to its certificates"
        )
    if isinstance(reason, TimeoutError):
        return TransientError("did not respond in time")
    return TransientError(f"could not be reached ({reason})")
