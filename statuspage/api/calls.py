"""Every call of the API, in the order in which its page shows them."""

from collections.abc import Iterator

from statuspage.api import (
    articles,
    asking_shapes,
    estimates,
    incidents,
    maintenance,
    probes,
    promises,
    shapes,
    updates,
    uptime,
)
from statuspage.api.operation import Operation
from statuspage.api.recovery import BASE
from statuspage.downloads import Format
from statuspage.i18n import noop
from statuspage.shapes import ReportShape
from statuspage.tokens.rules import Scope

WRITE, READ = Scope.RECOVERY_WRITE, Scope.RECOVERY_READ
PLACE = f"{BASE}/panels/{{panel}}/accounts/{{account}}"


def asking_operations() -> Iterator[Operation]:
    """What customers are asked and ask for."""
    choices, requests, merges = f"{BASE}/choices", f"{BASE}/requests", f"{BASE}/merges"
    yield Operation("get", choices, "Choices; ?state=settled are those to carry out", READ)
    yield Operation("post", choices, "Ask accounts to choose", WRITE, asking_shapes.ChoiceShape, bulk=True)
    done = noop("Say which options were carried out")
    yield Operation("post", f"{choices}/carried-out", done, WRITE, asking_shapes.CarriedShape, bulk=True)
    yield Operation("get", f"{choices}/{{choice}}", "One choice, and what holds now", READ)
    one_done = noop("Say that an option was carried out; 409 where another one holds")
    yield Operation("post", f"{choices}/{{choice}}/carried-out", one_done, WRITE, asking_shapes.OptionShape)
    yield Operation("get", requests, "Requests of customers; ?state=received are the new ones", READ)
    yield Operation("get", f"{requests}/{{request}}", "One request of a customer", READ)
    state = noop("Say how far a request is")
    yield Operation("post", f"{requests}/{{request}}/state", state, WRITE, asking_shapes.RequestStateShape)
    yield Operation("post", merges, "Say what a merge of two accounts would do", WRITE, asking_shapes.MergeShape)
    yield Operation("get", f"{merges}/{{merge}}", "How far a merge is", READ)
    begin = noop("Say that a merge begins; refused while the gap is open")
    yield Operation("post", f"{merges}/{{merge}}/run", begin, WRITE, asking_shapes.RunShape)
    yield Operation("post", f"{merges}/{{merge}}/result", "Say what a merge did", WRITE, asking_shapes.ResultShape)


OPERATIONS = (
    Operation(
        "get", f"{BASE}/progress", "Restoration per panel and stage with a forecast, queues of orders, how N changed"
    ),
    Operation("get", uptime.PATH, "Uptime of each panel: 90 days, by month and day by day"),
    Operation("get", estimates.PATH, "All promises: what is expected, how often it slipped, what came of it"),
    Operation("post", f"{BASE}/reports", "Report restoration", WRITE, ReportShape, bulk=True),
    Operation("put", f"{BASE}/panels/{{panel}}/size", "Say how many accounts a panel has", WRITE, shapes.SizeShape),
    Operation("get", PLACE, "Where one account stands", READ),
    Operation("put", PLACE, "Keep login, contact or temporary account", WRITE, shapes.AccountShape),
    Operation("post", f"{PLACE}/link", "A new link to the account's own page, shown once", WRITE, success=201),
    Operation(
        "post",
        f"{BASE}/links",
        "Links to up to 1,000 accounts",
        WRITE,
        shapes.PlaceShape,
        many=True,
        success=201,
    ),
    Operation("post", f"{BASE}/transfers", "Begin to move orders", WRITE, shapes.TransferShape, success=201),
    Operation(
        "post",
        f"{BASE}/transfers/reports",
        "Report how far transfers are",
        WRITE,
        shapes.TransferReportShape,
        bulk=True,
    ),
    Operation("get", f"{BASE}/transfers/{{transfer}}", "How far one transfer has come", READ),
    Operation(
        "post",
        f"{BASE}/transfers/{{transfer}}/confirm",
        "Say that what moved so far was looked at: after one order ten may move, then the rest",
        WRITE,
        shapes.ConfirmShape,
    ),
    *(
        Operation("get", f"{probes.PATH}.{form}", "What a probe saw, look by look", Scope.PROBES_READ, stream=form)
        for form in Format
    ),
    *asking_operations(),
    *incidents.OPERATIONS,
    *updates.OPERATIONS,
    *promises.OPERATIONS,
    *maintenance.OPERATIONS,
    *articles.OPERATIONS,
)
