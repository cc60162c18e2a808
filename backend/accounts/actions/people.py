"""Speaking for a person, agreeing to what happens with data, and a clerk's decisions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from backend.accounts import queries
from backend.accounts.acting import Acting
from backend.accounts.events import ClaimDecided, PersonVerified, SpeakingEnded
from backend.accounts.evidence import CONSENT, consent_content
from backend.accounts.models import Account, Consent, Holding, Person
from backend.accounts.rules import (
    FAMILY_DAYS,
    TERMS_VERSION,
    ClaimReason,
    HoldingState,
    Purpose,
    Relation,
)
from backend.core import clock
from backend.core.crypto import blind_index, seal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.events import emit
from backend.core.masks import mask_name, mask_resident_id
from backend.core.names import sort_key, tidy_name
from backend.core.resident_id import check_resident_id
from backend.evidence import actions as evidence

MOST_HELD = 6
TWO_SELVES = (
    "这部手机登录的账号已经是另一个人的本人账号。同用一部手机的，请选“家人”登记，最长 30 天可以再延；"
    "或者先退出，用自己的手机号收验证码登录。"
)


def agree(*, account: Account, choices: Mapping[Purpose, bool], version: str) -> None:
    """Keep what somebody agreed to and what not, with the version of the terms that was shown.

    Refuses: Conflict when the terms have changed since they were shown.
    """
    if version != TERMS_VERSION:
        raise Conflict("accounts.terms_changed", "说明内容已更新，请重新阅读后再同意。")
    known = queries.consents_of(account.id)
    consents = [
        Consent(account_id=account.id, purpose=purpose, version=version, agreed=agreed, at=clock.now())
        for purpose, agreed in choices.items()
        if agreed or known[purpose]
    ]
    said = [(str(account.id), consent_content(consent)) for consent in consents]
    for consent, key in zip(consents, evidence.record_many(kind=CONSENT.name, items=said), strict=True):
        consent.id = key
        db.session.add(consent)


def hold(
    *,
    account: Account,
    name: str,
    resident_id: str,
    relation: Relation,
    until: datetime | None,
    verified: bool,
    region_code: str,
) -> Holding:
    """Let an account speak for a person, or leave it to a clerk of the region.

    `verified` says that name and number agree with an official list. A verified person whom nobody speaks for is held
    at once. One whom another account speaks for is not taken over: the claim waits for a clerk and the first account
    goes on. A number on no list makes a self-stated person who may declare and waits for a clerk. The same claim twice
    is one claim. The caller has checked that the number is well formed.

    Refuses: Invalid("accounts.until") when family lacks a good end; Conflict("accounts.too_many") beyond six people;
    Conflict("accounts.two_selves") for a second person whose own account this is said to be.
    """
    _check_end(relation, until)
    person = _person(account, tidy_name(name), resident_id, verified=verified)
    earlier = db.session.scalar(
        select(Holding).where(Holding.account_id == account.id, Holding.person_id == person.id).with_for_update()
    )
    if earlier is not None and earlier.state in {HoldingState.CONFIRMED, HoldingState.PENDING}:
        earlier.until = until
        return earlier
    _check_room(account)
    if relation is Relation.SELF and _is_somebodys(account, person):
        raise Conflict("accounts.two_selves", TWO_SELVES, fields={"relation": "请选“家人”。"})
    state, reason = HoldingState.CONFIRMED, None
    if person.verified_at is None:
        state, reason = HoldingState.PENDING, ClaimReason.NOT_ON_ROSTER
    elif queries.list_other_holders(person.id, account.id):
        state, reason = HoldingState.PENDING, ClaimReason.HELD_ALREADY
    holding = earlier or Holding(account_id=account.id, person_id=person.id)
    holding.relation, holding.state, holding.reason = relation, state, reason
    holding.region_code, holding.until, holding.claimed_at = region_code, until, clock.now()
    holding.decided_at = holding.decided_by = holding.decision_note = None
    db.session.add(holding)
    db.session.flush()
    return holding


def _is_somebodys(account: Account, but: Person) -> bool:
    """Whether an account is the own one of another person, beyond doubt."""
    own = (Holding.account_id == account.id) & (Holding.relation == Relation.SELF) & (Holding.person_id != but.id)
    return (
        db.session.scalar(select(Holding.id).where(own, Holding.state == HoldingState.CONFIRMED).limit(1)) is not None
    )


def _confirm(holding: Holding) -> None:
    """What waited for proof holds from now on. Of two who share a phone one is its own, the other is family."""
    account, person = db.session.get_one(Account, holding.account_id), db.session.get_one(Person, holding.person_id)
    if holding.relation is Relation.SELF and _is_somebodys(account, person):
        holding.relation, holding.until = Relation.FAMILY, clock.now() + timedelta(days=FAMILY_DAYS)
    holding.state = HoldingState.CONFIRMED


def _check_end(relation: Relation, until: datetime | None) -> None:
    if relation is Relation.SELF:
        return
    if until is None or not clock.now() < until <= clock.now() + timedelta(days=FAMILY_DAYS + 1):
        raise Invalid(
            "accounts.until", f"请选择代办到哪一天，最长 {FAMILY_DAYS} 天。", fields={"until": "请选择日期。"}
        )


def _check_room(account: Account) -> None:
    held = select(func.count()).where(
        Holding.account_id == account.id, Holding.state.in_([HoldingState.CONFIRMED, HoldingState.PENDING])
    )
    if (db.session.scalar(held) or 0) >= MOST_HELD:
        raise Conflict("accounts.too_many", f"一个账号最多为 {MOST_HELD} 人亮码，请先解除不再需要的人。")


def _person(account: Account, name: str, resident_id: str, *, verified: bool) -> Person:
    """The verified person of this number; or this account's own self-stated one; or a new row."""
    known = queries.find_verified(resident_id)
    if known is not None and known.name_index == blind_index(name, "name"):
        return known
    stated = db.session.scalar(
        select(Person)
        .join(Holding, Holding.person_id == Person.id)
        .where(
            Holding.account_id == account.id,
            Person.resident_id_index == blind_index(resident_id, "resident_id"),
            Person.name_index == blind_index(name, "name"),
        )
    )
    person = stated or _new_person(name, resident_id)
    if verified and known is None and person.verified_at is None:
        person.verified_at = clock.now()
    db.session.flush()
    return person


def _new_person(name: str, resident_id: str) -> Person:
    number = check_resident_id(resident_id, today=clock.today())
    person = Person(
        name=seal(name, "accounts.person.name"),
        name_mask=mask_name(name),
        name_index=blind_index(name, "name"),
        sort_key=sort_key(name),
        resident_id=seal(number.number, "accounts.person.resident_id"),
        resident_id_mask=mask_resident_id(number.number),
        resident_id_index=blind_index(number.number, "resident_id"),
        last_four_index=blind_index(number.number[-4:], "last_four"),
        birth_date=number.birthday,
        region_code=number.number[:6],
        created_at=clock.now(),
    )
    db.session.add(person)
    return person


def recognise(*, name: str, resident_id: str) -> Person:
    """The verified person of a name and number that stand on an official list, made where there is none.

    Nobody speaks for a person who is made so: whoever registers later with the same name and number is that person.
    Refuses: Conflict("accounts.other_name") when the number was verified under another name.
    """
    tidy, index = tidy_name(name), blind_index(resident_id, "resident_id")
    # Two who recognise the same person at once wait for each other.
    db.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(index[:8], signed=True))))
    known = queries.find_verified(resident_id)
    if known is not None:
        if known.name_index != blind_index(tidy, "name"):
            sentence = "这个身份证号已用另一个姓名核实过，请核对身份证，改正花名册后再办。"
            raise Conflict("accounts.other_name", sentence)
        return known
    person = _new_person(tidy, resident_id)
    person.verified_at = clock.now()
    db.session.flush()
    return person


def verify_stated(*, person: Person) -> None:
    """An official list now holds this self-stated person: what waited for a clerk on that account is confirmed.

    Does nothing when somebody else of that number is verified: then it stays with the clerk.
    """
    other = db.session.scalar(
        select(Person.id).where(Person.resident_id_index == person.resident_id_index, Person.verified_at.is_not(None))
    )
    if other is not None:
        return
    person.verified_at = clock.now()
    waiting = select(Holding).where(Holding.person_id == person.id, Holding.state == HoldingState.PENDING)
    for holding in db.session.scalars(waiting):
        _confirm(holding)
        holding.reason, holding.decided_at = None, clock.now()
    emit(PersonVerified(person_id=person.id))


def decide_claim(*, holding_id: UUID, by: Acting, confirm: bool, note: str) -> Holding:
    """A clerk of the competent region confirms or refuses that an account speaks for a person.

    Confirming a self-stated person verifies them. Refuses: NotFound for another region's claim, Invalid without a
    note, Conflict("accounts.number_taken") when somebody else of that number was verified meanwhile.
    """
    holding, person, _ = queries.get_claim(holding_id, by)
    if not note.strip():
        raise Invalid("accounts.note_missing", "请写明核实方式或拒绝的原因，本人会看到。", fields={"note": "必填。"})
    if confirm and person.verified_at is None:
        if _number_taken(person):
            raise Conflict("accounts.number_taken", "这个身份证号已由另一条记录核实，请核对后拒绝本条。")
        person.verified_at = clock.now()
        emit(PersonVerified(person_id=person.id))
    if confirm:
        _confirm(holding)
    else:
        holding.state = HoldingState.REFUSED
    holding.decided_at, holding.decided_by, holding.decision_note = clock.now(), by.operator_id, note.strip()
    emit(ClaimDecided(holding_id=holding.id, person_id=person.id, confirmed=confirm))
    return holding


def _number_taken(person: Person) -> bool:
    return (
        db.session.scalar(
            select(Person.id).where(
                Person.resident_id_index == person.resident_id_index,
                Person.verified_at.is_not(None),
                Person.id != person.id,
            )
        )
        is not None
    )


def end_holding(*, account: Account, person_id: UUID) -> None:
    """An account speaks for a person no more, by its own wish. Refuses: NotFound when it never did."""
    holding = db.session.scalar(
        select(Holding).where(Holding.account_id == account.id, Holding.person_id == person_id).with_for_update()
    )
    if holding is None:
        raise NotFound
    holding.state, holding.decided_at = HoldingState.ENDED, clock.now()
    emit(SpeakingEnded(account_id=account.id, person_id=person_id))
