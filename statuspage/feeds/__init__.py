"""Atom and RSS, made by feedgen from the snapshot."""

from statuspage.feeds.documents import library

__all__ = ["library"]
