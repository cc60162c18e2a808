"""Certificates of health: photographed by the worker, confirmed by an official of the person's region.

A confirmed one is a finding of health for somebody without a declaration in force; it never stands above a reason for
yellow or red, and ends by itself.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock, sealed_files
from backend.core.crypto import Sealed, seal, unseal
from backend.core.db import db
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.limits import limit
from backend.evidence import actions as evidence
from backend.notices.actions import Notice, notify_many
from backend.notices.rules import Kind as Told
from healthcode.codes import queries
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.appeal_rules import LARGEST_FILE, file_type
from healthcode.codes.evidence import CERTIFICATE, certificate_content
from healthcode.codes.fact_rules import OPEN, CertificateState
from healthcode.codes.models import Certificate

PURPOSE = "核对健康证明"
A_DAY = 10
MOST_OPEN = 3
"""Of one person; more need no looking at before these are decided."""
NUMBER, INSTITUTION = range(2, 41), range(2, 61)
LONGEST = timedelta(days=400)
"""Between the day of issue and the last day: a certificate is good for a year at most."""
REASON = range(5, 201)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a certificate says."""

    number: str = ""
    institution: str = ""
    issued_on: date | None = None
    valid_until: date | None = None
    """The last day on which it holds."""


def file_certificate(*, person: Person, paper: Paper, account_id: UUID, request_key: str) -> Certificate:
    """Take in what a certificate says, as this account sent it; its photo follows by `attach_certificate`, and then it
    waits for an official.

    The same `request_key` again is the same certificate. Refuses: Invalid with a sentence for each field at fault;
    Conflict when the key was used for something else, or while three of the person's wait; TooMany.
    """
    earlier = queries.find_filed(person.id, request_key)
    if earlier is not None:
        if said_by(earlier) != paper:
            raise Conflict("codes.key_reused", "这个请求编号已经用于另一份健康证明，请刷新页面后重新填写。")
        return earlier
    check_paper(paper)
    if queries.count_open_of(person.id, OPEN) >= MOST_OPEN:
        raise Conflict("codes.certificates_open", f"已有 {MOST_OPEN} 份健康证明在等待，请先等核对结果，或撤回不用的。")
    limit("codes.certificate", str(person.id), times=A_DAY, seconds=86400)
    made = Certificate(
        person_id=person.id,
        account_id=account_id,
        number=_sealed_number(paper),
        institution=paper.institution,
        issued_on=paper.issued_on,
        valid_until=paper.valid_until,
        region_code=queries.region_of(person),
        origin_code=queries.origin_of(person),
        state=CertificateState.DRAFT,
        reason="",
        request_key=request_key,
        filed_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def said_by(paper: Certificate) -> Paper:
    """What a stored certificate says."""
    number = unseal(paper.number) if paper.number else ""
    return Paper(number, paper.institution, paper.issued_on, paper.valid_until)


def _sealed_number(paper: Paper) -> Sealed | None:
    return seal(paper.number, "codes.certificate.number") if paper.number else None


def check_paper(paper: Paper) -> None:
    """Refuses: Invalid with a sentence for each field at fault."""
    today, faults = clock.today(), {}
    if len(paper.number) not in NUMBER:
        faults["number"] = f"请填证明上的编号，{NUMBER.start} 到 {NUMBER.stop - 1} 个字。"
    if len(paper.institution) not in INSTITUTION:
        faults["institution"] = f"请填出具证明的机构，{INSTITUTION.start} 到 {INSTITUTION.stop - 1} 个字。"
    if paper.issued_on is None:
        faults["issued_on"] = "请填出具日期。"
    elif paper.issued_on > today:
        faults["issued_on"] = "出具日期还没有到，请核对。"
    if paper.valid_until is None:
        faults["valid_until"] = "请填有效期的最后一天；证明上没有写的，按出具日期后第 7 天填。"
    elif paper.valid_until < today:
        faults["valid_until"] = "这份证明已经过期，请换一份有效的。"
    elif paper.issued_on and paper.valid_until - paper.issued_on > LONGEST:
        faults["valid_until"] = "有效期超过一年，请核对年份。"
    if paper.valid_until and paper.issued_on and paper.valid_until < paper.issued_on:
        faults["valid_until"] = "有效期早于出具日期，请核对。"
    if faults:
        raise Invalid("codes.certificate", "请按提示改一下。", fields=faults)


def attach_certificate(*, person: Person, certificate_id: UUID, content: bytes) -> Certificate:
    """Add the photo or PDF; from then on it waits for an official. The same file again changes nothing.

    Refuses: NotFound for another person's; Invalid for what is empty, too large or neither JPEG, PNG nor PDF by its
    content; Conflict for another file than the one that is there.
    """
    held = queries.lock_certificate(certificate_id)
    if held.person_id != person.id:
        raise NotFound
    kind = file_type(content)
    if len(content) > LARGEST_FILE:
        raise Invalid("codes.certificate_file", f"文件超过 {LARGEST_FILE // 1024 // 1024} MB，请换小一点的照片。")
    if kind is None:
        raise Invalid("codes.certificate_file", "只能上传照片（JPG、PNG）或 PDF 文件，请重新选择。")
    digest = hashlib.sha256(content).digest()
    if held.digest == digest:
        return held
    if held.state is not CertificateState.DRAFT:
        raise Conflict("codes.certificate_filed", "这份证明已经交了照片；要换照片，请撤回后重新上传。")
    name = f"certificates/{held.id}"
    sealed_files.write(name, content)
    held.kind, held.size, held.digest, held.stored_as = kind, len(content), digest, name
    held.state = CertificateState.WAITING
    _record(held)
    return held


def withdraw_certificate(*, person: Person, certificate_id: UUID) -> Certificate:
    """Take a certificate back, also a confirmed one: the colour then rests on what else is known. Twice is like once.

    Refuses: NotFound for another person's; Conflict for a refused one.
    """
    held = queries.lock_certificate(certificate_id)
    if held.person_id != person.id:
        raise NotFound
    if held.state is CertificateState.WITHDRAWN:
        return held
    if held.state is CertificateState.REFUSED:
        raise Conflict("codes.certificate_refused", "这份证明没有通过核对，不用撤回。")
    counted = held.state is CertificateState.CONFIRMED
    held.state, held.decided_at = CertificateState.WITHDRAWN, clock.now()
    held.decided_by = held.decided_office = None
    _record(held)
    if counted:
        rejudge(person_id=held.person_id)
    return held


def read_certificate(*, certificate_id: UUID, by: Acting) -> tuple[Certificate, Person, Paper]:
    """A certificate, whose it is, and what it says; that it was read is logged. Refuses: NotFound for other regions'
    offices.
    """
    held, person = queries.get_certificate(certificate_id, seen_by=by)
    accounts.log_access(subjects=[person.resident_id_index], by=by, purpose=PURPOSE, fields=["健康证明内容"])
    return held, person, said_by(held)


def open_certificate(*, certificate_id: UUID, by: Acting) -> tuple[Certificate, bytes]:
    """A certificate with its photo; that it was opened is logged. Refuses: NotFound for other regions' offices."""
    held, person = queries.get_certificate(certificate_id, seen_by=by)
    accounts.log_access(subjects=[person.resident_id_index], by=by, purpose=PURPOSE, fields=["健康证明"])
    return held, sealed_files.read(held.stored_as or "")


def confirm_certificate(*, certificate_id: UUID, paper: Paper, by: Acting) -> Certificate:
    """Hold that a certificate is genuine and says this; from then on it counts.

    `paper` is what the official reads off the photo, and takes the place of what was typed. Refuses: NotFound for
    other regions' offices; Invalid with a sentence for each field at fault, also for an expired one; Conflict once it
    was decided.
    """
    held = _waiting(certificate_id, by)
    check_paper(paper)
    held.number, held.institution = _sealed_number(paper), paper.institution
    held.issued_on, held.valid_until = paper.issued_on, paper.valid_until
    _decide(held, CertificateState.CONFIRMED, by)
    rejudge(person_id=held.person_id)
    body = (
        f"{by.organisation_name}已确认您的健康证明（{held.institution}），有效到 {held.valid_until}。"
        "有效期内没有申报、也没有其他情况时，健康码凭它为绿码。"
    )
    _tell(held, "健康证明已确认", body)
    return held


def refuse_certificate(*, certificate_id: UUID, reason: str, by: Acting) -> Certificate:
    """Hold that a certificate doesn't do, or no longer does, with the reason that the worker reads.

    Refuses: NotFound for other regions' offices; Invalid for a reason that says nothing; Conflict once it was refused
    or withdrawn.
    """
    held = _waiting(certificate_id, by, CertificateState.CONFIRMED)
    if len(reason) not in REASON:
        sentence = f"请用 {REASON.start} 到 {REASON.stop - 1} 个字写明为什么，本人会看到。"
        raise Invalid("codes.certificate_reason", sentence, fields={"reason": sentence})
    counted = held.state is CertificateState.CONFIRMED
    held.reason = reason
    _decide(held, CertificateState.REFUSED, by)
    if counted:
        rejudge(person_id=held.person_id)
    body = f"{by.organisation_name}没有通过您的健康证明：{reason.rstrip('。')}。可以重新上传，也可以照常申报健康。"
    _tell(held, "健康证明没有通过", body)
    return held


def _waiting(certificate_id: UUID, by: Acting, *also: CertificateState) -> Certificate:
    queries.get_certificate(certificate_id, seen_by=by)
    held = queries.lock_certificate(certificate_id)
    if held.state not in {CertificateState.WAITING, *also}:
        raise Conflict("codes.certificate_decided", "这份证明已经处理过了，请刷新页面。")
    return held


def _decide(held: Certificate, state: CertificateState, by: Acting) -> None:
    held.state, held.decided_at = state, clock.now()
    held.decided_by, held.decided_office = by.operator_id, by.organisation_id
    _record(held)


def _record(held: Certificate) -> None:
    db.session.flush()
    evidence.record(kind=CERTIFICATE.name, subject=str(held.person_id), content=certificate_content(held, clock.now()))


def _tell(held: Certificate, title: str, body: str) -> None:
    topic = f"certificate:{held.id}:{held.state}"
    notify_many([Notice(held.person_id, Told.COLOUR, topic, title, body, "facts")])
