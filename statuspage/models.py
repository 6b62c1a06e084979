"""Imports the models of every noun, so that the metadata is whole."""

from statuspage.accounts import models as accounts
from statuspage.audit import models as audit
from statuspage.estimates import models as estimates
from statuspage.factors import models as factors
from statuspage.failures import models as failures
from statuspage.faq import models as faq
from statuspage.incidents import models as incidents
from statuspage.latency import models as latency
from statuspage.leases import models as leases
from statuspage.maintenance import models as maintenance
from statuspage.panels import models as panels
from statuspage.probing import models as probing
from statuspage.recovery import models as recovery
from statuspage.status import models as status
from statuspage.texts import models as texts
from statuspage.tokens import models as tokens
from statuspage.unsent import models as unsent
from statuspage.uptime import models as uptime

__all__ = [
    "accounts",
    "audit",
    "estimates",
    "factors",
    "failures",
    "faq",
    "incidents",
    "latency",
    "leases",
    "maintenance",
    "panels",
    "probing",
    "recovery",
    "status",
    "texts",
    "tokens",
    "unsent",
    "uptime",
]
