"""Who may do what at the desk: the one table of acts and roles. What is not in it nobody may."""

from enum import StrEnum

from statuspage.accounts.rules import Role
from statuspage.i18n import noop


class Permission(StrEnum):
    """What views ask for: `@policy.needs("staff", Permission.INCIDENTS)`."""

    OWN = "own"
    READ = "read"
    PREVIEW = "preview"
    INCIDENTS = "incidents"
    ESTIMATES = "estimates"
    MAINTENANCE = "maintenance"
    ARTICLES = "articles"
    PANELS = "panels"
    PROBES = "probes"
    RECOVERY = "recovery"
    RECOVERY_FILES = "recovery-files"
    AUDIT_FILES = "audit-files"
    TOKENS = "tokens"
    PEOPLE = "people"


ALL, WRITERS, ADMINS = frozenset(Role), frozenset({Role.EDITOR, Role.ADMIN}), frozenset({Role.ADMIN})
TABLE: dict[Permission, tuple[str, frozenset[Role]]] = {
    Permission.OWN: (noop("One’s own password, second factor, sessions and language"), ALL),
    Permission.READ: (noop("Everything that the desk shows, the audit log too"), ALL),
    Permission.PREVIEW: (noop("Previews of texts"), WRITERS),
    Permission.INCIDENTS: (noop("Incidents and their updates"), WRITERS),
    Permission.ESTIMATES: (noop("Estimates"), WRITERS),
    Permission.MAINTENANCE: (noop("Planned work"), WRITERS),
    Permission.ARTICLES: (noop("Questions and guides"), WRITERS),
    Permission.PANELS: (noop("Panels, functions and statuses set by hand"), WRITERS),
    Permission.PROBES: (noop("Probes and their keys"), WRITERS),
    Permission.RECOVERY: (noop("Accounts in recovery: corrections, links, requests"), WRITERS),
    Permission.RECOVERY_FILES: (noop("Import and export of accounts in recovery"), WRITERS),
    Permission.AUDIT_FILES: (noop("Export of the audit log"), WRITERS),
    Permission.TOKENS: (noop("API tokens"), ADMINS),
    Permission.PEOPLE: (noop("People, their roles, links and sessions"), ADMINS),
}


def allows(role: Role, need: object) -> bool:
    """Whether this role may do it: only what is in the table."""
    return isinstance(need, Permission) and role in TABLE[need][1]
