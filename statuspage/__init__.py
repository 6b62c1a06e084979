"""statuspage: a status page that answers each customer for their own account."""

__version__ = "0.1.0"
