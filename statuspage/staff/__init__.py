"""The staff desk."""

from typing import Any

from flask import Flask

from statuspage.errors import Unauthorised


def guard(need: Any) -> None:
    raise Unauthorised("Please sign in.")


def register(app: Flask) -> None:
    del app
