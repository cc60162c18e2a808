"""Declaring, and what becomes of a colour when a reason comes or ends."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.accounts.models import Person
from backend.core import clock
from backend.core.crypto import seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid
from backend.core.events import emit
from backend.core.masks import mask_name
from healthcode.codes import keys, queries, rules
from healthcode.codes.actions.changing import Judged, keep_changes, write_verdicts
from healthcode.codes.actions.packs import deny_packs
from healthcode.codes.colour_rules import reasons_of
from healthcode.codes.events import Declared
from healthcode.codes.models import ColourChange, Declaration, Status
from healthcode.codes.rules import PROXY_NAMES, TEMPERATURES, Colour, Facts, Proxy, Reason, Symptom, Verdict
from healthcode.itinerary import actions as itinerary

BATCH = 5000


def declare(
    *,
    person: Person,
    account_id: UUID,
    temperature: int,
    symptoms: Sequence[Symptom],
    contact: bool,
    abroad: bool,
    request_key: str,
    sent_from: str | None = None,
    proxy: Proxy | None = None,
    at: datetime | None = None,
) -> Verdict:
    """Take down what somebody declares of a person's health, and what colour follows now.

    `temperature` is in tenths of a degree Celsius. `sent_from` is the region whose government sends the person to work;
    it issues the person's codes, else that of where the person is does. The same `request_key` again is the same
    declaration. `proxy` is who declares it for the person; `at` is when, for what waited on a phone without a network:
    it holds from then on.

    Refuses: Invalid for a temperature outside 34.0 to 43.0 °C; Conflict when the key was used for something else.
    """
    if temperature not in TEMPERATURES:
        sentence = "请填写 34.0 到 43.0 之间的体温。"
        raise Invalid("codes.temperature", sentence, fields={"temperature": sentence})
    now, said_by = clock.now(), PROXY_NAMES[proxy.kind] if proxy else ""
    facts = Facts(at or now, temperature, tuple(sorted(set(symptoms))), contact, abroad, said_by)
    status = _lock_status(person.id)
    earlier = queries.find_declaration(person.id, request_key)
    if earlier is not None:
        _check_same(earlier, facts)
        return queries.verdict_of(status.reasons, now)
    db.session.add(
        Declaration(
            day=clock.local(facts.at).date(),
            person_id=person.id,
            account_id=account_id,
            at=facts.at,
            temperature=temperature,
            symptoms=list(facts.symptoms),
            contact=contact,
            abroad=abroad,
            request_key=request_key,
            proxy=proxy.kind if proxy else None,
            proxy_name=seal(proxy.name, "codes.declaration.proxy_name") if proxy and proxy.name else None,
            proxy_mask=mask_name(proxy.name) if proxy and proxy.name else "",
            proxy_place=proxy.place if proxy else "",
        )
    )
    if status.declared_at is None or status.declared_at <= facts.at:
        status.declared_at, status.temperature = facts.at, temperature
    status.issuer = keys.issuer_for(sent_from or queries.region_of(person))
    verdict = _judge_anew(status, reasons_of(facts, queries.rules_in_force().rules), now)
    itinerary.note_sign(person_id=person.id, at=facts.at)
    emit(Declared(person.id, facts.at))
    return verdict


def _check_same(earlier: Declaration, facts: Facts) -> None:
    declared = (earlier.temperature, tuple(earlier.symptoms), earlier.contact, earlier.abroad)
    if declared != (facts.temperature, facts.symptoms, facts.contact, facts.abroad):
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一次申报，请刷新页面后重新填写。")


def _lock_status(person_id: UUID) -> Status:
    """The person's status for changing, grey where nothing was known; two declarations at once wait for each other."""
    moment = clock.now()
    unknown = {"person_id": person_id, "colour": Colour.GREY, "reasons": [], "since": moment, "judged_at": moment}
    db.session.execute(insert(Status).values(unknown).on_conflict_do_nothing())
    return db.session.scalars(
        select(Status).where(Status.person_id == person_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _judge_anew(status: Status, new: Sequence[Reason], now: datetime) -> Verdict:
    """Write the verdict that old and new reasons give, and announce another colour."""
    old = [Reason.from_json(value) for value in status.reasons]
    verdict = rules.judge(rules.combine(old, new, now), now)
    reasons = verdict.reasons_json()
    if verdict.colour is not status.colour:
        change = ColourChange(
            person_id=status.person_id, before=status.colour, after=verdict.colour, reasons=list(reasons), at=now
        )
        keep_changes([change])
        status.colour, status.since = verdict.colour, now
    if verdict.colour is not Colour.GREEN:
        deny_packs([status.person_id])
    status.reasons, status.until, status.judged_at = list(reasons), verdict.until, now
    db.session.flush()
    return verdict


def expire_statuses() -> int:
    """Judge anew the people whose colour was to change by now, some thousands at a time; returns how many.

    Rows that a declaration holds at this moment are left for the next run.
    """
    now = clock.now()
    due = db.session.execute(
        select(Status.person_id, Status.colour, Status.reasons, Status.judged_at)
        .where(Status.until <= now)
        .order_by(Status.until)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    judged = [
        Judged(person_id, colour, queries.verdict_of(reasons, now), judged_at)
        for person_id, colour, reasons, judged_at in due
    ]
    write_verdicts(judged, now)
    return len(judged)
