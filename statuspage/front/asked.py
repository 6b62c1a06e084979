"""What a request asks for, judged before anything is looked up for it: its host, and addresses that are none."""

import ipaddress
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

# No page of ours has such an address; whoever sends one tries what a file system or a proxy makes of it.
NO_ADDRESS = re.compile(r"[\x00-\x1f\x7f\\]|//|(?:^|/)\.\.?(?:/|$)")
HIDDEN = re.compile(r"%(?:2f|5c|00)", re.IGNORECASE)
LONGEST = 8000
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE)


def refused(environ: dict[str, Any]) -> str | None:
    """The status for an address that cannot be meant: parent folders, control characters, hidden slashes, length."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) + len(query) > LONGEST:
        return "414 URI Too Long"
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if NO_ADDRESS.search(path) or HIDDEN.search(raw.partition("?")[0]):
        return "400 Bad Request"
    return None


class Proxies:
    """The proxies whose word on a client's address is taken; everybody else speaks for nobody."""

    def __init__(self, networks: Iterable[str]) -> None:
        self.networks = [ipaddress.ip_network(one, strict=False) for one in networks]

    def client(self, environ: dict[str, Any]) -> str | None:
        """The address of who asks: the last one that no trusted proxy has. None where a proxy hands on nonsense."""
        asking: str = environ.get("REMOTE_ADDR", "")
        if not self.networks or not self._trusts(asking):
            return asking
        for named in reversed(environ.get("HTTP_X_FORWARDED_FOR", asking).split(",")):
            asking = named.strip()
            if not _is_number(asking):
                return None
            if not self._trusts(asking):
                break
        return asking

    def _trusts(self, address: str) -> bool:
        return _is_number(address) and any(ipaddress.ip_address(address) in one for one in self.networks)


class Hosts:
    """The hosts that this site answers to: its own by name, and any address by number (health checks)."""

    def __init__(self, home: str, *others: str) -> None:
        addresses = (home, *others)
        self.advice = f"This site is at {home}/ (its owner can change that with STATUSPAGE_BASE_URL)."
        named = {urlsplit(one if "//" in one else f"//{one}").hostname or "" for one in addresses}
        self.known: Collection[str] = frozenset(named | {"localhost"}) - {""}
        self.is_ours = lru_cache(maxsize=512)(self._is_ours)

    def _is_ours(self, host: str | None) -> bool:
        if host is None:  # HTTP/1.0
            return True
        found = HOST.fullmatch(host)
        return found is not None and (found["name"].lower() in self.known or _is_number(found["name"].strip("[]")))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
