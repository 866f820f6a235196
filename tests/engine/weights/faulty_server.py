# SPDX-License-Identifier: GPL-3.0-or-later
"""A file server on 127.0.0.1 that gives files and their ranges properly, unless a fault is put before it.

A fault is called once, for one request, as fault(handler, body); the next request gets the next fault or the truth.
"""

import hashlib
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultyServer(ThreadingHTTPServer):
    """Files by path, faults by path, and every request that was seen as (path, headers)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.seen = {}, {}, []
        self.ending = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path, body, *faults):
        self.files[path] = body
        self.faults[path] = list(faults)
        return self.url + path

    def handle_error(self, *_arguments):
        """Who asked has hung up; that is what some tests are about."""

    def ranges(self, path):
        """The Range header of each request for a path, None where there was none."""
        return [headers.get("Range") for seen, headers in self.seen if seen == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        self.server.seen.append((self.path, dict(self.headers)))
        body = self.server.files.get(self.path)
        faults = self.server.faults.get(self.path)
        if faults:
            faults.pop(0)(self, body)
        elif body is None:
            self.send_error(404)
        else:
            give(self, body)

    def log_message(self, *_arguments):
        pass


def etag_of(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


def give(handler, body, *, says=None, stop_after=None, heeds_range=True, etag=None, heeds_if_range=True, stall=False):
    """The file or the wanted rest of it.

    Args:
        handler: Of the request.
        body: The whole file.
        says: Content-Length, where it is a lie.
        stop_after: Bytes that are sent before the connection ends.
        heeds_range: Whether ranges are known.
        etag: The mark of the version; "" for none.
        heeds_if_range: Whether another version is given whole.
        stall: After `stop_after` bytes, keep the connection and send nothing.
    """
    etag = etag_of(body) if etag is None else etag
    span = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    start = int(span[1]) if span and heeds_range else 0
    if heeds_if_range and handler.headers.get("If-Range", etag) != etag:
        start = 0
    if start >= len(body) > 0:
        handler.send_response(416)
        handler.send_header("Content-Range", f"bytes */{len(body)}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    if etag:
        handler.send_header("ETag", etag)
    handler.send_header("Content-Length", str(len(body) - start if says is None else says))
    handler.end_headers()
    handler.wfile.write(body[start:][:stop_after])
    if stall:
        handler.wfile.flush()
        handler.server.ending.wait(20)


def fault(**choices):
    """`give` with something wrong with it."""
    return partial(give, **choices)


def status(code):
    """An error."""
    return lambda handler, _body: handler.send_error(code)


def page(handler, _body):
    """An error page that is called a success."""
    text = b"<!DOCTYPE html><html><body>This resource has moved. Please sign in.</body></html>" * 20
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


def redirect(target):
    """To an address; `target` may be called with the handler."""

    def send(handler, _body):
        handler.send_response(302)
        handler.send_header("Location", target(handler) if callable(target) else target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return send


def in_crumbs(handler, body):
    """Chunked, without a length, a few bytes at a time."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in range(0, len(body), 1000):
        crumb = body[start : start + (5 if start == 0 else 1000)] if start == 0 else body[start : start + 1000]
        rest = body[5:1000] if start == 0 else b""
        for piece in (crumb, rest):
            if piece:
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
