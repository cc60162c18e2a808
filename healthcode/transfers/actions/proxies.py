"""People of a roster who have no phone: who they are, and the leader who declares their health for them."""

from datetime import timedelta
from uuid import UUID

from backend.accounts import actions as accounts
from backend.accounts import queries as people
from backend.accounts.models import Person
from backend.core.clock import shown
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind
from healthcode.codes import actions as codes
from healthcode.codes.rules import SYMPTOM_NAMES, Proxy, ProxyKind
from healthcode.transfers import queries
from healthcode.transfers.actions.claims import link_person
from healthcode.transfers.boarding import Said, Standing
from healthcode.transfers.models import Entry, Mark, Trip

PHONE_IN_USE = timedelta(hours=24)
"""As long as a declaration holds: whoever used the own account within it has been able to declare there.

Somebody whose phone is in use is never declared for, since nobody but the person knows; one that lay switched off for a
day, or was left at home, is no phone. Whose battery went flat within the day is declared for by family, looked up by an
officer, or declares on somebody's phone by the own SMS code.
"""
PAGE = "declare"


def recognise(entry: Entry) -> Person:
    """Who a row of a roster is, made from the row where nobody has registered with its name and number.

    Refuses: Conflict when the number was verified under another name.
    """
    if entry.person_id is not None:
        return db.session.get_one(Person, entry.person_id)
    person = accounts.recognise(name=unseal(entry.name), resident_id=unseal(entry.resident_id))
    link_person(person=person)
    db.session.refresh(entry)
    return person


def declare_for(*, trip: Trip, mark: Mark, said: Said, leader: Entry | None, account_id: UUID | None) -> None:
    """Keep what a passenger without a phone told the leader or deputy, as declared by them at the mark's moment.

    The person, or the family, finds it in the inbox with the leader's name. Refuses: Forbidden to offices; Conflict
    once the vehicle has ended, for whoever isn't aboard or about to board, and for whoever used an account of their own
    within a day; Invalid without a temperature or the answers.
    """
    if leader is None or account_id is None:
        raise Forbidden("transfers.leader_declares", "代为申报由车长、副车长在“我带的车”里办理。")
    if said.health is None or said.temperature is None:
        sentence = "请填写体温、症状和两项询问，并确认本人同意。"
        raise Invalid("transfers.declared", sentence, fields={"temperature": sentence})
    if trip.ended_at is not None:
        raise Conflict("transfers.trip_ended", f"车次 {shown(trip.ended_at)} 已经结束，不能再代为申报。")
    entry = db.session.get_one(Entry, mark.entry_id)
    _check_travels(trip, entry)
    person = recognise(entry)
    if people.with_own_phones([person.id], within=PHONE_IN_USE):
        sentence = "这个人今天用过自己的手机账号，请本人在手机上申报，不能代报。"
        raise Conflict("transfers.own_phone", sentence)
    name = unseal(leader.name)
    codes.declare(
        person=person,
        account_id=account_id,
        temperature=said.temperature,
        symptoms=said.health.symptoms,
        contact=said.health.contact,
        abroad=said.health.abroad,
        request_key=f"{trip.id.hex}:{said.key}",
        sent_from=queries.sent_from(person.id),
        proxy=Proxy(ProxyKind.LEADER, name, trip.vehicle),
        at=mark.at,
    )
    notify_many([_notice(person, trip, mark, said, name)])


def _check_travels(trip: Trip, entry: Entry) -> None:
    (one,) = [passenger for passenger in queries.list_passengers(trip) if passenger.entry.id == entry.id]
    left_behind = trip.departed_at and one.standing is Standing.EXPECTED and queries.has_rides(trip)
    if not one.travels or left_behind:
        sentence = "只能替在车上或马上要上车的人申报。这个人没有上车、已经下车或不走了，请刷新名单核对。"
        raise Conflict("transfers.not_aboard", sentence)


def _notice(person: Person, trip: Trip, mark: Mark, said: Said, name: str) -> Notice:
    told = "，".join(_told(said))
    body = (
        f"{shown(mark.at)}，{trip.vehicle} 的车长{name}代为申报了健康：{told}。不对的话请告诉车长改正，或自己重新申报。"
    )
    topic = f"declared:{trip.id}:{said.key}"
    return Notice(person.id, Kind.TRIP, topic, "车长代为申报了健康", body, PAGE)


def _told(said: Said) -> list[str]:
    if said.health is None or said.temperature is None:
        return []
    symptoms = "、".join(SYMPTOM_NAMES[one] for one in said.health.symptoms) or "没有症状"
    asked = (("接触过病例", said.health.contact), ("从境外回来", said.health.abroad))
    return [f"体温 {said.temperature / 10:.1f} ℃", symptoms, *(words for words, yes in asked if yes)]
