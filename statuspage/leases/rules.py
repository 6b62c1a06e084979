"""How long a lease lasts, and how much of what is divided is due to whom."""

LEASE = "worker"
LEASE_SECONDS = 10.0
RENEW_EVERY = 2.0
# A holder believes so much less, so that two never act at once.
MARGIN = 1.0


def fair_part(total: int, rank: int, many: int) -> int:
    """How many of `total` are due to number `rank` of `many`: the parts differ by one at most and make up the whole."""
    return total * (rank + 1) // many - total * rank // many
