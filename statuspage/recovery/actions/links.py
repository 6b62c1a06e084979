"""Links for many accounts at once, so made that the same answer can be given again though only hashes are kept."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.recovery.actions.accounts import LINK_LASTS
from statuspage.recovery.models import LinkRequest, RecoveryLink
from statuspage.recovery.rules.links import hash_link

AT_ONCE = 500


def derived(secret: str, nonce: str, place: int) -> str:
    """The token at a place of a bulk: 256 bits that whoever has the site's secret and this bulk's nonce can make anew.

    The nonce is kept for a day with the answer of an Idempotency-Key; alone it opens nothing.
    """
    made = hmac.new(secret.encode(), f"recovery-links\0{nonce}\0{place}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def mint_links(session: Session, tokens: Sequence[tuple[int, str]], digest: str, actor: Actor) -> None:
    """Keep a link for each (account, token), good for 90 days; answers the open wishes for them."""
    now = clock.wall()
    rows = [
        {"token_hash": hash_link(token), "account_id": account, "created_at": now, "expires_at": now + LINK_LASTS}
        for account, token in tokens
    ]
    if rows:
        session.execute(insert(RecoveryLink), rows)
    accounts = sorted({account for account, _ in tokens})
    for start in range(0, len(accounts), AT_ONCE):
        mine = LinkRequest.account_id.in_(accounts[start : start + AT_ONCE])
        session.execute(update(LinkRequest).where(mine, LinkRequest.handled_at.is_(None)).values(handled_at=now))
    record(session, actor, "recovery.links", "recovery", after={"minted": len(rows), "sha256": digest})
