"""Keeps the day rows up to date."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from statuspage import clock
from statuspage.db import transaction
from statuspage.uptime.actions import count_since, last_counted


def count_days(zone: ZoneInfo) -> int:
    """Count today, yesterday (an outage may be dated back over midnight), and days missed while nobody worked."""
    now = clock.now()
    today = now.astimezone(zone).date()
    with transaction(quiet=True) as session:
        last = last_counted(session, today) or today
        return count_since(session, min(last, today - timedelta(days=1)), now, zone)
