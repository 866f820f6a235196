# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a source: by the proxies of the environment or the system, with certificates that this machine trusts.

Certificates are the system's, those of SSL_CERT_FILE and SSL_CERT_DIR, and those of REQUESTS_CA_BUNDLE. Redirects lead
to https alone, or stay on this machine; nothing but http and https is ever opened.
"""

import os
import ssl
from functools import cache
from urllib import request
from urllib.parse import urlsplit

from .retry_policy import SourceError

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def opener() -> request.OpenerDirector:
    """What opens addresses, as the settings are now.

    Raises:
        SourceError: The certificates that are named cannot be read.
    """
    director = request.OpenerDirector()
    certificates = _certificates(*(os.environ.get(name, "") for name in CERTIFICATE_VARIABLES))
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(context=certificates),
        _Redirects(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        request.UnknownHandler(),
    ):
        director.add_handler(handler)
    return director


class _Redirects(request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        is_local = {old.hostname, new.hostname} <= LOCAL_HOSTS
        if new.scheme != "https" and not (is_local and new.scheme == old.scheme == "http"):
            raise SourceError(f"redirects to {new.scheme}://{new.hostname}, which is not secure")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@cache
def _certificates(bundle: str, *_system: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=bundle) if bundle else None
    except OSError as error:
        raise SourceError(f"is not asked: the certificates of REQUESTS_CA_BUNDLE cannot be read ({error})") from error
    return context
