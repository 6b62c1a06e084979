"""Publishes by time: when somebody wrote, or when the passing of time changes what is true."""

from statuspage.publishing.actions import Publisher


def publish_when_due(publisher: Publisher) -> bool:
    """Publish if it is due. Returns whether it was. Raises `Unavailable` while the database is gone."""
    if not publisher.is_due():
        return False
    try:
        publisher.publish()
    except TimeoutError:  # another process is publishing: the next look finds its version or its own turn
        return False
    return True
