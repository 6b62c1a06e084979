"""A small scene for tests: the four panels on 22 March 2021 at 14:05, with the fire, its estimates, work and questions.

`everything(session)` writes it all; the parts can be had one by one. `live_at()` sets the product's time.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing, Confidence, Precision, Subject
from statuspage.faq.models import Article, Binding
from statuspage.faq.rules import Bound, Kind
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.maintenance.models import Maintenance, MaintenanceUpdate
from statuspage.maintenance.rules import Phase
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.rules import Status
from statuspage.recovery.models import PanelRecovery, PanelSize, ProgressPoint, StageCount
from statuspage.recovery.rules.reports import State
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, Texts, prose, texts
from statuspage.uptime.models import DayUptime

WARSAW = ZoneInfo("Europe/Warsaw")
FIRE = "fire2021"
Components = Mapping[str, Component]
FUNCTIONS = {
    "login": ("Logowanie", "Logging in"),
    "import-orders": ("Pobieranie zamówień", "Importing orders"),
    "forward-orders": ("Przekazywanie zamówień do sklepów", "Forwarding orders to shops"),
    "warehouse": ("Magazyn", "Warehouse"),
    "archive": ("Archiwum zamówień", "Order archive"),
    "shipments": ("Przesyłki i etykiety", "Shipments and labels"),
    "invoices": ("Faktury i paragony", "Invoices and receipts"),
    "api": ("API", "API"),
    "stock-api": ("API magazynów zewnętrznych", "External stock API"),
}


def at(words: str) -> datetime:
    """A moment in Warsaw: `at("2021-03-22 14:05")`."""
    return datetime.fromisoformat(words).replace(tzinfo=WARSAW)


NOW = at("2021-03-22 14:05")


def both(pl: str, en: str) -> Texts:
    return texts({"pl": pl, "en": en})


def told(pl: str, en: str = "") -> Prose:
    return prose({"pl": pl, "en": en})


def live_at(moment: datetime = NOW) -> None:
    """The product's time is `moment` from now on (each test ends in true time)."""
    clock.tell_story(moment - clock.wall())


def panels(session: Session) -> Components:
    """Panels A to D, nine functions, and their components by public id."""
    functions = [
        Function(slug=slug, name=both(pl, en), key=slug == "login", position=position)
        for position, (slug, (pl, en)) in enumerate(FUNCTIONS.items())
    ]
    windows: list[tuple[date | None, date | None]] = [
        (None, date(2019, 11, 17)),
        (date(2019, 11, 18), date(2020, 8, 26)),
        (date(2020, 8, 27), date(2021, 3, 10)),
        (date(2021, 3, 11), None),
    ]
    components = {}
    for position, (letter, window) in enumerate(zip("abcd", windows, strict=True)):
        panel = _panel(letter, position, window)
        components |= {f"{panel.slug}.{one.slug}": Component(panel=panel, function=one) for one in functions}
    session.add_all([*functions, *components.values()])
    session.flush()
    return components


def _panel(letter: str, position: int, window: tuple[date | None, date | None]) -> Panel:
    panel = Panel(
        slug=f"panel-{letter}",
        name=both(f"Panel {letter.upper()}", f"Panel {letter.upper()}"),
        login_url=f"https://panel-{letter}.example.com/",
        position=position,
        accounts_from=window[0],
        accounts_until=window[1],
        opens_temporary=letter == "d",
    )
    if letter in "ab":
        panel.cutoff_at, panel.cutoff_margin_minutes = at("2021-03-09 00:00"), 120
        panel.gap_from, panel.gap_until = at("2021-03-09 00:00"), at("2021-03-11 13:30")
    return panel


def fire(session: Session, components: Components) -> Incident:
    """The data centre fire: critical, with a pinned summary and three updates, the first in Polish alone, the second
    corrected."""
    incident = Incident(
        public_id=FIRE,
        title=both("Pożar w centrum danych", "Data centre fire"),
        impact=Impact.CRITICAL,
        status=Stage.IDENTIFIED,
        summary=told(
            "Panele A i B działają na danych z kopii zapasowej. Panel C czeka na serwery od dostawcy.",
            "Panels A and B run from backups. Panel C waits for the provider to hand back its servers.",
        ),
        summary_at=at("2021-03-22 12:30"),
        started_at=at("2021-03-10 03:30"),
        published_at=at("2021-03-10 04:10"),
        next_update_by=at("2021-03-22 16:00"),
    )
    session.add(incident)
    old = [component for key, component in components.items() if not key.startswith("panel-d.")]
    first = _update(incident, 1, "2021-03-10 04:10", told("Od 3:30 nie działa żaden panel."))
    first.status = Stage.INVESTIGATING
    _affect(first, Status.MAJOR, *old)
    back = told(
        "Panele A i B znów działają, z danymi z **9 marca**.\n\n- zaloguj się\n- przejrzyj zamówienia",
        "Panels A and B work again, with the data of **9 March**.\n\n- log in\n- look through your orders",
    )
    second = _update(incident, 2, "2021-03-11 16:10", back)
    _affect(second, Status.OPERATIONAL, *(one for one in old if one.panel.slug != "panel-c"))
    slow = told("Magazyn panelu A działa, ale wolno.", "The warehouse of panel A works, but slowly.")
    third = _update(incident, 3, "2021-03-22 12:30", slow)
    note = both("działa; może potrwać dłużej", "works; may take longer")
    _affect(third, Status.DEGRADED, components["panel-a.warehouse"], note=note)
    _affect(third, Status.PARTIAL, components["panel-b.archive"])
    session.flush()
    wrong = both("Panel A znów działa, z danymi z 10 marca.", "Panel A works again, with the data of 10 March.")
    second.corrected_at = at("2021-03-11 16:40")
    keep(session, "incident_update", str(second.uuid), "body", wrong, at=second.corrected_at, by="test")
    return incident


def _update(incident: Incident, sequence: int, when: str, body: Prose) -> IncidentUpdate:
    update = IncidentUpdate(sequence=sequence, status=Stage.IDENTIFIED, body=body, published_at=at(when))
    incident.updates.append(update)
    return update


def _affect(update: IncidentUpdate, status: Status, *components: Component, note: Texts | None = None) -> None:
    update.affected.extend(Affected(component=one, status=status, note=note) for one in components)


def estimates(session: Session) -> None:
    """Panel C: 15, then 19, then 22 March, all according to the provider."""
    said = {15: "2021-03-11 06:55", 19: "2021-03-14 18:40", 22: "2021-03-18 20:15"}
    before: Estimate | None = None
    for day, when in said.items():
        estimate = Estimate(
            subject_kind=Subject.PANEL,
            subject_id="panel-c",
            precision=Precision.DAY,
            starts_at=at(f"2021-03-{day} 00:00"),
            ends_at=at(f"2021-03-{day + 1} 00:00"),
            source=both("według dostawcy serwerów", "according to the hosting provider"),
            confidence=Confidence.LOW,
            said_at=at(when),
            recorded_at=at(when),
        )
        if before is not None:
            before.closing, before.closed_at = Closing.SUPERSEDED, at(when)
            estimate.supersedes_id = before.id
        session.flush()
        session.add(estimate)
        session.flush()
        before = estimate


def planned(session: Session, components: Components) -> Maintenance:
    """New storage for A and B in the night of the change to summer time."""
    maintenance = Maintenance(
        public_id="storage2021",
        title=both("Nowe dyski na panelach A i B", "New storage for panels A and B"),
        body=told("W tym czasie nie będzie archiwum.", "There is no archive during this time."),
        starts_at=at("2021-03-28 00:30"),
        ends_at=at("2021-03-28 04:00"),
        announced_at=at("2021-03-19 12:00"),
        changed_at=at("2021-03-19 12:00"),
        components=[components["panel-a.archive"], components["panel-b.archive"]],
    )
    soon = told("Wydrukuj etykiety w sobotę.", "Print your labels on Saturday.")
    maintenance.updates.append(
        MaintenanceUpdate(sequence=1, phase=Phase.SCHEDULED, body=soon, published_at=at("2021-03-19 12:00"))
    )
    session.add(maintenance)
    session.flush()
    return maintenance


def articles(session: Session) -> None:
    """A guide for panel C, and questions: one in Polish alone, one with a translation that is stale."""
    guide = _article(
        "account-on-panel-c",
        both("Twoje konto na panelu C po awarii", "Your account on panel C after the outage"),
        told(
            "1. **Otwórz konto tymczasowe** na panelu D.\n2. Połącz na nowo platformy.",
            "1. **Open a temporary account** on panel D.\n2. Connect your marketplaces again.",
        ),
        kind=Kind.GUIDE,
        bound={Bound.PANEL: "panel-c", Bound.INCIDENT: FIRE},
    )
    again = _article(
        "orders-imported-again",
        both(
            "Pobierają się zamówienia, które już wysłałem. Co teraz?",
            "Orders that I shipped are imported again. What now?",
        ),
        told("Przejrzyj zamówienia z 9 marca.", "Look through the orders of 9 March."),
        bound={Bound.FUNCTION: "import-orders", Bound.INCIDENT: FIRE},
    )
    warehouse = _article(
        "warehouse-access",
        both("Jak odzyskam dostęp do magazynu?", "How do I get my warehouse back?"),
        told("Gdy dane wrócą, wybierzesz stan.", "When the data is back."),
        category=both("Magazyn", "Warehouse"),
        bound={Bound.FUNCTION: "warehouse"},
    )
    warehouse.body = warehouse.body.revised({"pl": "Gdy dane wrócą, wybierzesz: stan dzisiejszy albo z 9 marca."})
    polish = _article("duplicates", texts({"pl": "Mam zdublowane zamówienia"}), told("Scal je w panelu."))
    for position, one in enumerate((guide, again, warehouse, polish)):
        one.position = position
    session.add_all([guide, again, warehouse, polish])


def _article(
    slug: str,
    title: Texts,
    body: Prose,
    *,
    kind: Kind = Kind.QUESTION,
    category: Texts | None = None,
    bound: Mapping[Bound, str] | None = None,
) -> Article:
    said = at("2021-03-12 10:00")
    bindings = [Binding(kind=kind_of, subject=subject) for kind_of, subject in (bound or {}).items()]
    return Article(
        slug=slug,
        title=title,
        body=body,
        kind=kind,
        category=category,
        bindings=bindings,
        published_at=said,
        changed_at=said,
    )


def uptime(session: Session, components: Components) -> None:
    """90 days of logging in: all up, but for two days of fire on A and B, and C down since."""
    today = NOW.date()
    for letter in "abcd":
        for day in (today - timedelta(days=back) for back in range(90)):
            if letter == "d" and day < date(2021, 3, 11):
                continue
            burning = date(2021, 3, 10) <= day <= (date(2021, 3, 10) if letter in "ab" else today)
            hours = 20 if burning and letter != "d" else 0
            component = components[f"panel-{letter}.login"]
            session.add(
                DayUptime(component_id=component.id, day=day, major=hours * 3600, operational=(24 - hours) * 3600)
            )


def restoration(session: Session) -> None:
    """Panel C's 20,000 accounts, part-way; not part of `everything`."""
    panel = session.scalars(select(Panel).where(Panel.slug == "panel-c")).one()
    session.add(PanelRecovery(panel_id=panel.id, size=20_000, seen=20_000))
    said = at("2021-03-22 14:00")
    counts = {
        "access": {State.RESTORED: 12_410, State.FAILED: 21, State.WAITING: 7_569},
        "warehouse": {State.RESTORED: 4_105, State.NEEDS_CHOICE: 2_340, State.WAITING: 13_555},
    }
    for stage, states in counts.items():
        for state, accounts in states.items():
            session.add(StageCount(panel_id=panel.id, stage=stage, state=state, accounts=accounts, changed_at=said))
    sizes = ((20, 16_000), (22, 20_000))
    session.add_all(PanelSize(panel_id=panel.id, size=size, at=at(f"2021-03-{day} 09:00")) for day, size in sizes)
    for hour, restored, size in ((6, 30, 16_000), (10, 6_000, 20_000), (14, 12_410, 20_000)):
        moment = at(f"2021-03-22 {hour:02}:00")
        session.add(ProgressPoint(panel_id=panel.id, stage="access", at=moment, restored=restored, size=size))


def everything(session: Session) -> None:
    """The whole scene."""
    components = panels(session)
    fire(session, components)
    estimates(session)
    planned(session, components)
    articles(session)
    uptime(session, components)
    session.flush()
