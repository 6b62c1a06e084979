"""A library of two documents that tests can change and break."""

from collections.abc import Iterator
from dataclasses import dataclass

from statuspage import db
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.store import Version


@dataclass
class Offer:
    """A library of two documents; counts what it renders, and breaks when told."""

    rendered: int = 0
    words: str = "first"
    broken: bool = False
    lost: bool = False
    moment: str = "14:05"

    def __call__(self, snapshot: Snapshot) -> Iterator[Document]:
        if self.lost:
            raise RuntimeError("cannot even list its documents")
        yield Document("/steady.txt", "text/plain", "always the same", self.steady, later=self.moment)
        yield Document("/words.txt", "text/plain", self.words, self.say)

    def steady(self) -> bytes:
        self.rendered += 1
        return b"steady"

    def say(self) -> bytes:
        self.rendered += 1
        if self.broken:
            raise RuntimeError("a template is broken")
        return self.words.encode()


def said(version: Version, path: str = "/words.txt") -> bytes:
    return version.pages[path].body()


def write() -> None:
    with db.transaction():
        pass
