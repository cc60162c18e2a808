"""The inbox, and which accounts are told on which channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from backend.accounts import queries as accounts
from backend.accounts.models import Account
from backend.core import clock
from backend.core.db import db, new_key
from backend.core.errors import Invalid, NotFound
from backend.core.transactions import enqueue
from backend.notices.models import Attempt, Grant, Message
from backend.notices.rules import Channel, Kind, State
from backend.notices.templates import CONSENTS_AT_ONCE, TEMPLATE_OF, is_known

PUT = text("""
INSERT INTO notices.message (id, person_id, kind, topic, title, body, page, created_at)
SELECT said.*, :now
FROM unnest(cast(:ids AS uuid[]), cast(:person_ids AS uuid[]), cast(:kinds AS text[]), cast(:topics AS text[]),
            cast(:titles AS text[]), cast(:bodies AS text[]), cast(:pages AS text[])) AS said
ON CONFLICT DO NOTHING
RETURNING id, person_id, kind
""")
BATCH = 1000
SEND = "notices.send"
MOST_CONSENTS = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person should know. One topic is told once; `page` is where it leads in the worker's pages."""

    person_id: UUID
    kind: Kind
    topic: str
    title: str
    body: str
    page: str


def notify_many(notices: Iterable[Notice]) -> int:
    """Put messages into inboxes and have the people's accounts told of them; returns how many were new.

    A second message of one person and topic isn't made. What an account is told says nothing of health: see
    `templates`.
    """
    made, remaining = 0, iter(notices)
    while batch := list(islice(remaining, BATCH)):
        new = put(batch)
        made += len(new)
        if new:
            reach(new, accounts.list_speakers(list({message.person_id for message in new})))
    if made:
        enqueue(SEND)
    return made


@dataclass(frozen=True, slots=True)
class New:
    """A message that has just been made."""

    id: UUID
    person_id: UUID
    kind: Kind


def put(batch: Sequence[Notice]) -> list[New]:
    """Make the messages of topics that are new to their people."""
    given: dict[str, object] = {
        "ids": [new_key() for _ in batch],
        "person_ids": [notice.person_id for notice in batch],
        "kinds": [notice.kind.value for notice in batch],
        "topics": [notice.topic for notice in batch],
        "titles": [notice.title for notice in batch],
        "bodies": [notice.body for notice in batch],
        "pages": [notice.page for notice in batch],
        "now": clock.now(),
    }
    return [New(row.id, row.person_id, Kind(row.kind)) for row in db.session.execute(PUT, given)]


def reach(messages: Sequence[New], speakers: Iterable[tuple[UUID, Account]]) -> None:
    """One attempt for each message and account that speaks for its person, on the first channel there is."""
    hearing: dict[UUID, list[Account]] = {}
    for person_id, account in speakers:
        hearing.setdefault(person_id, []).append(account)
    left = _consents({account.id for heard in hearing.values() for account in heard})
    moment = clock.now()
    values = [
        {
            "id": new_key(),
            "message_id": message.id,
            "account_id": account.id,
            "channel": channel,
            "state": State.QUEUED,
            "tries": 0,
            "due_at": moment,
            "updated_at": moment,
        }
        for message in messages
        for account in hearing.get(message.person_id, ())
        if (channel := _channel(account, left.get((account.id, TEMPLATE_OF[message.kind].id), 0)))
    ]
    if values:
        db.session.execute(insert(Attempt).on_conflict_do_nothing(), values)


def _consents(account_ids: set[UUID]) -> dict[tuple[UUID, str], int]:
    rows = db.session.scalars(select(Grant).where(Grant.account_id.in_(account_ids), Grant.left > 0))
    return {(grant.account_id, grant.template): grant.left for grant in rows}


def _channel(account: Account, left: int) -> Channel | None:
    if account.openid_index is not None and left > 0:
        return Channel.WECHAT
    return Channel.SMS if account.phone_index is not None else None


def add_grants(*, account_id: UUID, accepted: Mapping[str, int]) -> None:
    """Count what somebody just agreed to: a consent is one message of its template.

    Refuses: Invalid for an unknown template or an impossible number.
    """
    for template, times in accepted.items():
        if not is_known(template) or not 1 <= times <= CONSENTS_AT_ONCE:
            raise Invalid("notices.template", "订阅消息模板或次数不对，请更新小程序后再试。")
        values = {"id": new_key(), "account_id": account_id, "template": template, "left": times}
        more = insert(Grant).values(values)
        db.session.execute(
            more.on_conflict_do_update(
                index_elements=["account_id", "template"],
                set_={"left": Grant.left + times},
                where=Grant.left <= MOST_CONSENTS - times,
            )
        )


def mark_read(*, message_id: UUID, person_ids: Sequence[UUID]) -> None:
    """A message was opened; opening twice is opening once. Refuses: NotFound for anybody else's message."""
    mine = Message.person_id.in_(person_ids)
    found = db.session.scalar(select(Message.id).where(Message.id == message_id, mine))
    if found is None:
        raise NotFound
    db.session.execute(
        update(Message).where(Message.id == message_id, Message.read_at.is_(None)).values(read_at=clock.now())
    )
