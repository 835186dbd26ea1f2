"""Addresses of the former platform, as they were printed: two ways of writing one address have one key."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

LONGEST = 1000


def address_key(written: str) -> str:
    """Host, path and query in one form: no scheme, no ``www.``, no port of the scheme, no fragment, parameters in order.

    Empty for what is no address of the web. Case counts in path and query, as it does for servers.
    """
    text = written.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        return ""
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "." not in host or " " in host:
        return ""
    place = host.removeprefix("www.") + (f":{port}" if port not in (None, 80, 443) else "")
    path = unquote(parts.path).rstrip("/")
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    key = f"{place}{path}" + (f"?{query}" if query else "")
    return key if len(key) <= LONGEST else ""
