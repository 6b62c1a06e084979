"""The API: public JSON is published, the rest answers Bearer tokens."""

from typing import Any

from flask import Flask

from statuspage.api.documents import library
from statuspage.errors import Unauthorised

__all__ = ["guard", "library", "register"]


def guard(need: Any) -> None:
    raise Unauthorised("Send a valid token: Authorization: Bearer sp_…")


def register(app: Flask) -> None:
    del app
