"""A small life at the desk and the API with known secrets, run in a process of its own so that all it logs is seen."""

import json
import re
import sys

from statuspage import db
from statuspage.accounts import actions
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role, hash_password
from statuspage.app import serve
from statuspage.audit.actions import SYSTEM
from statuspage.recovery.actions.accounts import mint_link, open_account
from statuspage.tokens.actions import create
from statuspage.web import policy
from tests import scenes
from tests.staff.desks import Desk, stranger
from tests.staff.phones import FACTOR, set_up

PASSWORD, WRONG, NEW = "canary password one", "canary guess two", "canary password three"
MAIL = "canary-person@example.com"
DOOR = "/staff/sign-in/"
LOGIN = "canary-login@example.com"


def main() -> None:
    app = serve()

    @policy.public
    def crash() -> str:
        password = PASSWORD  # noqa: F841  # a local variable that a careless traceback would show
        raise RuntimeError("crashed on purpose")

    for path in ("/staff/crash", "/crash", f"{DOOR}<token>/crash", "/recovery/a/<token>/crash"):
        app.add_url_rule(path, path, crash, methods=["GET", "POST"])
    with app.app_context():
        db.create_file(db.db.engine)
        db.Model.metadata.create_all(db.db.engine)
        token, link, recovery = prepare()
        seen = live(stranger(app), token, link, recovery)
    sys.stdout.write(json.dumps([PASSWORD, WRONG, NEW, MAIL, LOGIN, token, link, recovery, *seen]))


def prepare() -> tuple[str, str, str]:
    """A token, a sign-in link and a recovery link."""
    with db.transaction() as session:
        session.add(db.Site(id=1))
        scenes.panels(session)
        staff = actions.add(session, email=MAIL, name="", role=Role.ADMIN, locale="en", actor=SYSTEM)
        session.get_one(Staff, staff.id).password_hash = hash_password(PASSWORD)
        recovery = mint_link(session, open_account(session, "panel-c", "10423"), SYSTEM)
        token = create(session, name="job", scopes=["recovery:write"], expires_at=None, actor=SYSTEM)
        return token, actions.make_link(session, staff, SYSTEM), recovery


def live(desk: Desk, token: str, link: str, recovery: str) -> list[str]:
    """Everything that has a secret in it, right and wrong and with a crash behind it; the secrets that came up."""
    for words in (WRONG, PASSWORD):
        desk.post(DOOR, {"email": MAIL, "password": words}, page=DOOR)
    secrets = [desk.cookie(), desk.token("/staff/me/")]
    phone, codes = set_up(desk)
    secrets += [desk.cookie(), desk.token("/staff/me/"), *codes]
    desk.post("/staff/me/password", {"old": WRONG, "password": NEW})
    desk.post("/staff/confirm?to=/staff/", {"confirm-proof": WRONG})
    desk.post("/staff/crash", {"password": PASSWORD, "code": codes[0], "old": WRONG})
    desk.post("/staff/me/password", {"old": PASSWORD, "password": NEW})
    secrets.append(desk.cookie())
    made = desk.post("/staff/tokens/", {"name": "x", "scopes": ["recovery:read"]}).text
    secrets += re.findall(r"sp_[a-z0-9]{8}_[\w-]{43}", made)
    desk.post("/staff/sign-out")
    desk.post(DOOR, {"email": MAIL, "password": NEW}, page=DOOR)
    desk.post("/staff/code", {"code": codes[1]}, page="/staff/code")
    secrets += [desk.cookie(), phone.key.hex()]
    for path in (f"{DOOR}{link}", f"{DOOR}{link}/crash", f"/recovery/a/{recovery}/", f"/recovery/a/{recovery}/crash"):
        desk.get(path)
    desk.post("/recovery/link/", {"login": LOGIN}, page="/recovery/link/")
    bearer = {"Authorization": f"Bearer {token}"}
    for body in ("{", "[]"):
        desk.client.post("/api/v1/recovery/reports", data=body, content_type="application/json", headers=bearer)
    desk.client.get("/crash", headers=bearer)
    desk.get(FACTOR)
    return [one for one in secrets if one]


if __name__ == "__main__":
    main()
