# SPDX-License-Identifier: GPL-3.0-or-later
"""A file server on 127.0.0.1 that serves files and ranges correctly, unless a fault is queued.

A fault is called once, for one request, as fault(handler, body); the next request gets the next fault or the file.
"""

import hashlib
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultyServer(ThreadingHTTPServer):
    """Files by path, faults by path, and all requests as (path, headers)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.requests = {}, {}, []
        self.ending = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path, body, *faults):
        self.files[path] = body
        self.faults[path] = list(faults)
        return self.url + path

    def handle_error(self, *_arguments):
        """Ignore clients that disconnect, as some tests do."""

    def ranges(self, path):
        """Return the Range header of each request for a path, or None."""
        return [headers.get("Range") for seen, headers in self.requests if seen == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        self.server.requests.append((self.path, dict(self.headers)))
        body = self.server.files.get(self.path)
        faults = self.server.faults.get(self.path)
        if faults:
            faults.pop(0)(self, body)
        elif body is None:
            self.send_error(404)
        else:
            serve(self, body)

    def log_message(self, *_arguments):
        pass


def etag_of(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


def serve(
    handler,
    body,
    *,
    content_length=None,
    stop_after=None,
    supports_ranges=True,
    etag=None,
    supports_if_range=True,
    stall=False,
):
    """Serve the file or the requested rest of it.

    Args:
        handler: Handler of the request.
        body: The complete file.
        content_length: False value of Content-Length.
        stop_after: Bytes to send before the connection is closed.
        supports_ranges: False to ignore Range.
        etag: ETag of the version; "" for none.
        supports_if_range: False to ignore If-Range.
        stall: True to keep the connection open after `stop_after` bytes.
    """
    etag = etag_of(body) if etag is None else etag
    span = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    start = int(span[1]) if span and supports_ranges else 0
    if supports_if_range and handler.headers.get("If-Range", etag) != etag:
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
    handler.send_header("Content-Length", str(len(body) - start if content_length is None else content_length))
    handler.end_headers()
    handler.wfile.write(body[start:][:stop_after])
    if stall:
        handler.wfile.flush()
        handler.server.ending.wait(600)


def fault(**choices):
    """Return `serve` with these choices."""
    return partial(serve, **choices)


def status(code):
    """Return a fault with an error status."""
    return lambda handler, _body: handler.send_error(code)


def error_page(handler, _body):
    """An error page with a success status."""
    text = b"<!DOCTYPE html><html><body>This resource has moved. Please sign in.</body></html>" * 20
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


def redirect(target):
    """Return a redirect to a URL; a callable `target` is called with the handler."""

    def send(handler, _body):
        handler.send_response(302)
        handler.send_header("Location", target(handler) if callable(target) else target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return send


def in_small_chunks(handler, body):
    """Chunked, without a length; the first chunk has five bytes."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in (0, *range(5, len(body), 1000)):
        chunk = body[start : start + (5 if start == 0 else 1000)]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
