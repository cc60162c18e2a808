"""The account: what it agreed to, for whom it speaks, claiming to speak for somebody."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from backend.accounts import actions, queries
from backend.accounts.models import Holding, Person
from backend.accounts.rules import TERMS_VERSION, Purpose, Relation
from backend.core.config import settings
from backend.core.errors import Invalid
from backend.notices import queries as notices
from backend.regions import names as regions
from healthcode.transfers import actions as transfers
from miniprogram_api.guard import current_account, current_account_id, public, worker
from miniprogram_api.schemas import Answer, Body, many
from miniprogram_api.terms import TERMS, TITLE


class TermOut(Answer):
    purpose: Purpose
    title: str
    who: str
    what: str
    why: str
    basis: str
    kept: str
    required: bool
    otherwise: str


class TermsOut(Answer):
    version: str = Field(examples=[TERMS_VERSION])
    title: str
    purposes: list[TermOut]


class ConsentsIn(Body):
    version: str = Field(max_length=20, examples=[TERMS_VERSION])
    agreed: list[Purpose] = Field(max_length=3, examples=[["basic", "sensitive"]])
    refused: list[Purpose] = Field(default=[], max_length=3, examples=[["sharing"]])


class AccountOut(Answer):
    id: UUID
    phone_mask: str | None = Field(examples=["138****0001"])
    has_wechat: bool


class PersonOut(Answer):
    id: UUID
    name_mask: str = Field(examples=["杨**"])
    resident_id_mask: str = Field(examples=["5206**********1234"])
    relation: Relation
    state: str = Field(examples=["confirmed"])
    until: datetime | None
    reason: str | None = Field(description="Why a clerk looks: not_on_roster or held_already.")
    note: str | None = Field(description="What the clerk wrote.")
    verified: bool
    may_show: bool = Field(description="Whether this account may declare and show the code now.")


class MeOut(Answer):
    account: AccountOut
    consents: dict[Purpose, bool]
    terms_version: str
    people: list[PersonOut]
    unread: int
    service_phone: str = Field(examples=["12333"])


class ClaimIn(Body):
    name: str = Field(min_length=2, max_length=50, examples=["杨秀英"])
    resident_id: str = Field(min_length=15, max_length=30, examples=["522201199003078127"])
    relation: Relation = Relation.SELF
    until: AwareDatetime | None = Field(default=None, description="For family: at most 30 days ahead.")
    region_code: str | None = Field(
        default=None,
        pattern=r"^\d{6}$",
        description="Where the person lives, for a clerk to check.",
        examples=["520602"],
    )


class ClaimOut(Answer):
    person_id: UUID
    state: str = Field(examples=["confirmed"])
    reason: str | None
    message: str = Field(examples=["登记成功，请申报健康状况。"])


class RegionOut(Answer):
    code: str = Field(examples=["520602"])
    name: str = Field(examples=["碧江区"])


@public.get("/terms")
@public.output(TermsOut)
def terms() -> dict[str, object]:
    """处理说明 Who handles which data, why and on what legal basis."""
    return {"version": TERMS_VERSION, "title": TITLE, "purposes": TERMS}


class RegionsQuery(Body):
    parent: str = Field(default="", pattern=r"^(\d{6})?$", examples=["520600"])


@public.get("/regions")
@public.input(RegionsQuery, location="query", arg_name="query")
@public.output(many(RegionOut))
def list_regions(query: RegionsQuery) -> list[RegionOut]:
    """行政区划 The regions right below one; provinces without one."""
    below = regions.children(query.parent) if query.parent else regions.provinces()
    return [RegionOut(code=region.code, name=region.name) for region in below]


@worker.get("/me")
@worker.output(MeOut)
def me() -> MeOut:
    """我的账号 The account, its consents, and the people it speaks for."""
    return _me()


def _me() -> MeOut:
    account = current_account()
    held = queries.list_holdings(account.id)
    return MeOut(
        account=AccountOut(id=account.id, phone_mask=account.phone_mask, has_wechat=account.openid_index is not None),
        consents=queries.consents_of(account.id),
        terms_version=TERMS_VERSION,
        people=[_person(holding, person) for holding, person in held],
        unread=notices.count_unread(queries.list_spoken_for(account.id)),
        service_phone=settings().service_phone,
    )


def _may_show(holding: Holding, person: Person) -> bool:
    return holding.state == "confirmed" or (holding.state == "pending" and person.verified_at is None)


def _person(holding: Holding, person: Person) -> PersonOut:
    return PersonOut(
        id=person.id,
        name_mask=person.name_mask,
        resident_id_mask=person.resident_id_mask,
        relation=holding.relation,
        state=holding.state,
        until=holding.until,
        reason=holding.reason,
        note=holding.decision_note,
        verified=person.verified_at is not None,
        may_show=_may_show(holding, person),
    )


@worker.post("/consents")
@worker.input(ConsentsIn, arg_name="body")
@worker.output(MeOut)
def consent(body: ConsentsIn) -> MeOut:
    """同意或撤回 Agree to purposes, or withdraw, each on its own."""
    choices = dict.fromkeys(body.refused, False) | dict.fromkeys(body.agreed, True)
    actions.agree(account=current_account(), choices=choices, version=body.version)
    return _me()


@worker.post("/claims")
@worker.input(ClaimIn, arg_name="body")
@worker.output(ClaimOut, 201)
def claim(body: ClaimIn) -> ClaimOut:
    """登记 Say for whom this account speaks: name and ID number must agree with a roster, or a clerk decides."""
    if not queries.consents_of(current_account_id())[Purpose.BASIC]:
        raise Invalid("accounts.consent_missing", "请先阅读并同意基本信息的处理说明。")
    outcome = transfers.claim(
        account=current_account(),
        name=body.name,
        resident_id=body.resident_id,
        relation=body.relation,
        until=body.until,
        region_code=body.region_code,
    )
    return ClaimOut(
        person_id=outcome.holding.person_id,
        state=outcome.holding.state,
        reason=outcome.holding.reason,
        message=outcome.message,
    )


@worker.delete("/people/<uuid:person_id>")
@worker.output({}, 204)
def stop_speaking(person_id: UUID) -> str:
    """解除代办 Speak for this person no more."""
    actions.end_holding(account=current_account(), person_id=person_id)
    return ""
