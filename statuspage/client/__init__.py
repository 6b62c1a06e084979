"""The reference client of the recovery API: nothing but the standard library, so that it can be copied out.

with open("reports.ndjson", "rb") as file:
    print(Client("https://status.example.com", token).push(file))
"""

from .errors import ClientError, Refused, Unreachable
from .files import push_file
from .remote import REPORTS, TRANSFERS, Client, Link, Links
from .results import LineError, Result

__all__ = [
    "REPORTS",
    "TRANSFERS",
    "Client",
    "ClientError",
    "LineError",
    "Link",
    "Links",
    "Refused",
    "Result",
    "Unreachable",
    "push_file",
]
