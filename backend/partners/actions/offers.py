"""A transfer that a partner offers: opened, checked like a clerk's file, put before the destination."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from backend.accounts.models import Organisation
from backend.core import clock
from backend.core.clock import SHANGHAI
from backend.core.config import settings
from backend.core.crypto import blind_index, seal, unseal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.partners import keys, queries
from backend.partners.messages import Envelope, Offer, Roster, Traveller
from backend.partners.models import Link, Partner
from backend.regions import names as regions
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Transfer
from healthcode.transfers.rows import Checker, Faults, Row
from healthcode.transfers.rules import MODE_NAMES, State
from healthcode.transfers.sheets import COLUMNS, Column, Raw, Table

NOTHING_TOLD = UUID(int=0)
SALT = "partners.link.salt"
SHEET = "对方花名册"
MOST_FAULTS = 20


def take(*, partner: Partner, envelope: Envelope, offer: Offer, known: Transfer | None) -> None:
    """Let an offered transfer be there as the partner's office offered it; an offer of a known one changes its roster.

    Refuses: Forbidden for an origin for which the partner doesn't speak; Invalid for a destination that isn't here, and
    for rows that can't be, by their numbers; Conflict("partners.travelling_elsewhere") for people on another roster.
    """
    if not any(regions.within(offer.origin_region, region) for region in partner.regions):
        raise Forbidden("partners.not_your_region", "您登记的范围不包括这个输出地，不能代它发起输送。")
    destination = queries.find_office(offer.destination_region)
    if destination is None or (known is not None and known.destination_id != destination.id):
        sentence = "本系统没有这个输入地的政府部门。"
        raise Invalid("partners.destination", sentence, fields={"body.destination_region": sentence})
    if known is not None and known.origin_id != partner.organisation_id:
        raise Forbidden("partners.origin_only", "花名册由输出地维护。")
    roster = _open(envelope, offer)
    rows = _check(roster.travellers)
    _refuse_travelling(rows, known)
    transfer = known or _create(partner, envelope, offer, roster, destination)
    by = queries.acting_of(partner, offer.origin_region)
    digest = hashlib.sha256(offer.sealed.encode()).digest()
    transfers.receive_roster(transfer=transfer, rows=rows, digest=digest, by=by)
    if known is None:
        transfers.move_transfer(transfer=transfer, to=State.OFFERED, note="", by=by)


def _create(partner: Partner, envelope: Envelope, offer: Offer, roster: Roster, destination: Organisation) -> Transfer:
    by = queries.acting_of(partner, offer.origin_region)
    transfer = transfers.create_transfer(title=offer.title, destination_id=destination.id, by=by)
    link = Link(
        transfer_id=transfer.id,
        partner_id=partner.id,
        reference=envelope.transfer,
        salt=seal(roster.salt, SALT),
        steps_until=NOTHING_TOLD,
    )
    db.session.add(link)
    db.session.flush()
    return transfer


def _open(envelope: Envelope, offer: Offer) -> Roster:
    secret = settings().partners_key.get_secret_value()
    try:
        return Roster.model_validate_json(keys.unseal(offer.sealed, secret, str(envelope.id)))
    except ValidationError as wrong:
        fields = {".".join(map(str, error["loc"])): error["msg"] for error in wrong.errors()[:MOST_FAULTS]}
        raise Invalid("partners.roster", "花名册的格式不对，请对照接口文档。", fields=fields) from wrong
    except ValueError as closed:
        sentence = "花名册打不开：不是用本系统的公钥、为这条消息加密的。"
        raise Invalid("partners.sealed", sentence, fields={"body.sealed": sentence}) from closed


def _check(travellers: Sequence[Traveller]) -> list[Row]:
    """The rows as a clerk's file is checked. Refuses: Invalid that names the rows by their place."""
    table = Table(SHEET, list(COLUMNS), {column: at for at, column in enumerate(COLUMNS)}, None, [])
    checker, rows, fields = Checker(clock.now()), [], {}
    for at, traveller in enumerate(travellers):
        row = checker.check(Raw(table, at + 1, _cells(traveller)))
        if isinstance(row, Faults):
            fields[f"travellers.{at}"] = "；".join(map(str, row.items))
        else:
            rows.append(row)
    if fields:
        shown = dict(list(fields.items())[:MOST_FAULTS])
        raise Invalid("partners.roster", f"花名册有 {len(fields)} 行不能采用。", fields=shown)
    return rows


def _cells(traveller: Traveller) -> list[str | float | bool]:
    departs = traveller.departs_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if traveller.departs_at else ""
    said: dict[Column, str] = {
        Column.SERIAL: str(traveller.number),
        Column.NAME: traveller.name,
        Column.RESIDENT_ID: traveller.resident_id,
        Column.PHONE: traveller.phone,
        Column.ENTERPRISE: traveller.enterprise,
        Column.POSITION: traveller.position,
        Column.DEPARTS_AT: departs,
        Column.MODE: MODE_NAMES[traveller.mode],
        Column.VEHICLE: traveller.vehicle,
        Column.SEAT: traveller.seat,
    }
    return [said.get(column, "") for column in COLUMNS]


def _refuse_travelling(rows: Sequence[Row], known: Transfer | None) -> None:
    numbers = {blind_index(row.resident_id, "resident_id"): row.number - 1 for row in rows}
    taken = queries.list_travelling_elsewhere(numbers, known.id if known else None)
    if taken:
        sentence = "此人已在另一次正在进行的输送的花名册上，请先核对。"
        fields = {f"travellers.{at}": sentence for at in taken[:MOST_FAULTS]}
        raise Conflict("partners.travelling_elsewhere", f"有 {len(taken)} 人已在另一次输送中。", fields=fields)


def rows_of(transfer: Transfer, link: Link) -> dict[str, UUID]:
    """The roster's rows by what both sides call their people."""
    return queries.references_of(transfer, unseal(link.salt))
