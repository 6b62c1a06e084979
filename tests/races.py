"""Lets two do the same thing at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from statuspage import db

T = TypeVar("T")


def together(app: Flask, *acts: Callable[[Session], T]) -> list[T | Exception]:
    """Run each act in a transaction of its own, all let loose at once; what each returned or raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[Session], T]) -> T | Exception:
        with app.app_context():
            gate.wait()
            try:
                with db.transaction() as session:
                    return act(session)
            except Exception as error:  # noqa: BLE001  # the test looks at what it was
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
