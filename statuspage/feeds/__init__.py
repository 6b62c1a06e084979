"""Atom and RSS, made by feedgen from the snapshot."""

from statuspage.feeds.documents import library
from statuspage.feeds.samples import teller

__all__ = ["library", "teller"]
