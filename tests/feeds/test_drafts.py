"""What is not published is in no feed, not even by its name."""

from statuspage import db
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Precision, Subject
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import Impact
from statuspage.web.site import Site
from tests import scenes


def test_a_promise_about_a_draft_incident_is_nobodys_business(scene: Site) -> None:
    said = scenes.at("2021-03-22 13:00")
    with db.transaction() as session:
        session.add(
            Incident(
                public_id="secretdraft",
                title=scenes.both("Szkic", "Draft"),
                impact=Impact.MINOR,
                started_at=said,
            )
        )
        session.add(
            Estimate(
                subject_kind=Subject.INCIDENT,
                subject_id="secretdraft",
                precision=Precision.INSTANT,
                starts_at=scenes.NOW,
                ends_at=scenes.NOW,
                source=scenes.both("według nas", "according to us"),
                said_at=said,
                recorded_at=said,
            )
        )
    pages = scene.publisher.publish().pages
    assert b"secretdraft" not in b"".join(page.body() for page in pages.values())
