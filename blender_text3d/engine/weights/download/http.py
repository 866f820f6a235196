# SPDX-License-Identifier: GPL-3.0-or-later
"""One request for a file, or for the rest of it, and what the answer means.

Source for ranges, validators and status codes: RFC 9110, sections 8.8, 13.1.5, 14 and 15.
"""

import http.client
import re
import ssl
from dataclasses import dataclass
from urllib import request
from urllib.error import HTTPError, URLError

from .opener import opener
from .retry_policy import SourceError, TransientError

AGENT = "blender_text3d"
COUNT = r"(\d{1,15})"
"""Bytes as a source counts them: more digits are no file's, and Python refuses to read very many."""
MAY_PASS = {408, 425, 429, 500, 502, 503, 504}
WORDS = {
    401: "asks for a password",
    403: "refuses access",
    404: "does not have the file (404)",
    410: "no longer has the file (410)",
}


@dataclass(frozen=True)
class RangeResponse:
    """A source's answer, its body still to be read.

    Attributes:
        response: the body.
        start: where in the file the body begins.
        total: bytes of the whole file; 0 where the source does not say.
        validator: the source's mark of this version of the file; "" where it gives none.
    """

    response: http.client.HTTPResponse
    start: int
    total: int
    validator: str


def send_request(url: str, start: int, validator: str, timeout_s: float) -> RangeResponse | None:
    """Ask for a file from a byte on.

    Args:
        url: Its address.
        start: The first byte wanted.
        validator: Of the version that the bytes before `start` are from; the source gives all where it has another.
        timeout_s: For the connection and for each read.

    Returns:
        The answer, or None where the source says that `start` is the file's end.

    Raises:
        SourceError: The source will not give the file. TransientError: it may, later.
    """
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        headers |= {"If-Range": validator} if validator else {}
    try:
        response = opener().open(request.Request(url, headers=headers), timeout=timeout_s)
    except HTTPError as error:
        with error:
            return _refusal(error, start)
    except (URLError, http.client.HTTPException, OSError) as error:
        raise _no_connection(error) from error
    except ValueError as error:  # of an address that a source redirects to
        raise SourceError("redirects to what is no address") from error
    return _answer(response, start)


def _answer(response: http.client.HTTPResponse, start: int) -> RangeResponse:
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        response.close()
        raise SourceError("packs the file on the way, so that it cannot be resumed")
    span = re.fullmatch(rf"bytes {COUNT}-\d+/({COUNT}|\*)", headers.get("Content-Range", "").strip(), re.ASCII)
    if response.status == 206 and (span is None or int(span[1]) != start):
        response.close()
        raise TransientError("answered with another part of the file than was asked for")
    etag = headers.get("ETag", "")
    validator = etag if etag.startswith('"') else headers.get("Last-Modified", "")
    if response.status == 206:
        return RangeResponse(response, start, int(span[2]) if span[2] != "*" else 0, validator)
    length = headers.get("Content-Length", "")
    if length.isdecimal() and not re.fullmatch(COUNT, length):
        response.close()
        raise SourceError(f"says that the file has {length:.20}... bytes")
    return RangeResponse(response, 0, int(length) if length.isdecimal() else 0, validator)


def _refusal(error: HTTPError, start: int) -> None:
    if error.code == 416 and start:
        span = re.fullmatch(rf"bytes \*/{COUNT}", error.headers.get("Content-Range", "").strip(), re.ASCII)
        if span and int(span[1]) == start:
            return None
        raise TransientError("has another file now than before")
    if error.code in MAY_PASS:
        raise TransientError(f"is not able to answer now ({error.code})")
    if 300 <= error.code < 400:
        is_loop = "loop" in str(error.reason)
        raise SourceError("redirects in a circle" if is_loop else "redirects to an address that is not secure")
    raise SourceError(WORDS.get(error.code, f"answers with error {error.code}"))


def _no_connection(error: Exception) -> Exception:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return SourceError(
            f"has a certificate that this machine does not trust ({reason.verify_message}); behind a company's proxy, "
            "name its certificates in SSL_CERT_FILE"
        )
    if isinstance(reason, TimeoutError):
        return TransientError("did not answer in time")
    return TransientError(f"could not be reached ({reason})")
