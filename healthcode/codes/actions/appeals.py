"""Appeals against a colour: filed by the worker, answered by the region's government, handed up when nobody answers.

Nothing ends one but an answer. That a colour was wrong takes two people, as any decision about one person does.
"""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.queries import get_person
from backend.core import clock, sealed_files
from backend.core.config import settings
from backend.core.crypto import seal, unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.limits import limit
from backend.regions import names
from healthcode.codes import queries
from healthcode.codes.actions.appeal_outcomes import call_duty, close_appeal, hand_over, keep_step, spoken, tell
from healthcode.codes.actions.decisions import propose_decision
from healthcode.codes.appeal_rules import (
    ANSWER,
    LARGEST_FILE,
    MOST_FILES,
    RULE_NAMES,
    WAITING,
    WORDS,
    AppealMove,
    AppealState,
    due,
    file_type,
    next_region,
)
from healthcode.codes.colour_rules import COLOURS
from healthcode.codes.models import Appeal, AppealFile
from healthcode.codes.rules import Basis, DecisionKind

PURPOSE = "处理健康码申诉"
LIFTED_DAYS = 14
BATCH = 200
A_DAY = 10
"""Appeals of an account in a day."""


def file_appeal(
    *, person: Person, account_id: UUID, rule: str, words: str, request_key: str, stopped_at: str = ""
) -> Appeal:
    """Appeal against one reason of a person's yellow or red colour; the clock runs from now on.

    `stopped_at` is the door at which the person stands because of it: then the duty desk is called, and has a quarter
    of an hour.

    The same `request_key` again is the same appeal. Refuses: Invalid for a text that is too short or long, or a rule
    that doesn't hold against the person; Conflict while an appeal against this rule waits; TooMany.
    """
    earlier = _sent_before(person, rule, words, request_key)
    if earlier is not None:
        return earlier
    if len(words) not in WORDS:
        sentence = f"请用 {WORDS.start} 到 {WORDS.stop - 1} 个字写明哪里不对。"
        raise Invalid("codes.appeal", sentence, fields={"words": sentence})
    held = queries.status_of(person).reasons
    finding = next((one for one in held if one.rule == rule and one.rule in RULE_NAMES and one.colour in COLOURS), None)
    if finding is None:
        sentence = "这一条现在不成立，不用申诉。请返回刷新健康码。"
        raise Invalid("codes.appeal", sentence, fields={"rule": sentence})
    limit("codes.appeal", str(account_id), times=A_DAY, seconds=86400)
    region, now = queries.region_of(person), clock.now()
    appeal = Appeal(
        person_id=person.id,
        account_id=account_id,
        rule=rule,
        finding=finding.to_json(),
        words=seal(words, "codes.appeal.words"),
        request_key=request_key,
        region_code=region,
        regions=[_next(region, ()) or settings().codes_issuer],
        state=AppealState.OPEN,
        filed_at=now,
        due_at=due(now, urgent=stopped_at != ""),
        at_top=False,
        stopped_at=stopped_at,
        answer="",
    )
    db.session.add(appeal)
    try:
        db.session.flush()
    except IntegrityError as twice:
        raise Conflict("codes.appeal_waiting", "这一条您已经申诉，正在办理，可以在那里补充材料。") from twice
    keep_step(appeal, AppealMove.FILED, said=words.encode())
    hand_over(appeal)
    return appeal


def _sent_before(person: Person, rule: str, words: str, request_key: str) -> Appeal | None:
    query = select(Appeal).where(Appeal.person_id == person.id, Appeal.request_key == request_key)
    earlier = db.session.scalar(query)
    if earlier is not None and (earlier.rule, unseal(earlier.words)) != (rule, words):
        raise Conflict("codes.key_reused", "这个请求编号已经用于另一次申诉，请刷新页面后重新填写。")
    return earlier


def _next(region: str, taken: tuple[str, ...]) -> str | None:
    """The next region that has a government: upwards, then the country's, then the one that issues the codes."""
    ladder = list(dict.fromkeys([*reversed(names.lineage(region)), names.COUNTRY, settings().codes_issuer]))
    if taken and taken[-1] not in ladder:
        return None
    return next_region(ladder, taken, queries.governed_among(ladder))


def attach(*, person: Person, appeal_id: UUID, content: bytes) -> AppealFile:
    """Add a photo or PDF to an appeal that waits; the same file twice is one file.

    Refuses: NotFound for another person's appeal; Invalid for what is empty, too large or neither JPEG, PNG nor PDF by
    its content; Conflict for a fourth file, or once it was answered.
    """
    appeal = queries.lock_appeal(appeal_id)
    if appeal.person_id != person.id:
        raise NotFound
    if appeal.state not in WAITING:
        raise Conflict("codes.appeal_answered", "这次申诉已经答复，不能再补充材料；有新的材料请再次申诉。")
    kind = file_type(content)
    if len(content) > LARGEST_FILE:
        raise Invalid("codes.appeal_file", f"文件超过 {LARGEST_FILE // 1024 // 1024} MB，请换小一点的照片。")
    if kind is None:
        raise Invalid("codes.appeal_file", "只能上传照片（JPG、PNG）或 PDF 文件，请重新选择。")
    digest = hashlib.sha256(content).digest()
    files = queries.files_of([appeal.id])[appeal.id]
    for known in files:
        if known.digest == digest:
            return known
    if len(files) >= MOST_FILES:
        raise Conflict("codes.appeal_files", f"最多上传 {MOST_FILES} 个文件。")
    file_id = new_key()
    file = AppealFile(
        id=file_id,
        appeal_id=appeal.id,
        kind=kind,
        size=len(content),
        digest=digest,
        stored_as=f"appeals/{file_id}",
        added_at=clock.now(),
    )
    sealed_files.write(file.stored_as, content)
    db.session.add(file)
    keep_step(appeal, AppealMove.ATTACHED, said=content)
    return file


def read_appeal(*, appeal_id: UUID, by: Acting) -> str:
    """What the worker wrote; that it was read is logged. Refuses: NotFound for other offices."""
    appeal, person = queries.get_appeal(appeal_id, seen_by=by)
    _log(person, by, "申诉内容")
    return unseal(appeal.words)


def open_file(*, appeal_id: UUID, file_id: UUID, by: Acting) -> tuple[AppealFile, bytes]:
    """A file of an appeal with its content; that it was opened is logged. Refuses: NotFound for other offices."""
    appeal, person = queries.get_appeal(appeal_id, seen_by=by)
    file = next((one for one in queries.files_of([appeal.id])[appeal.id] if one.id == file_id), None)
    if file is None:
        raise NotFound
    if appeal.erased_at is not None:
        raise Conflict("codes.appeal_erased", "这份材料已过保存期限，已经删除。")
    _log(person, by, "申诉材料")
    return file, sealed_files.read(file.stored_as)


def _log(person: Person, by: Acting, what: str) -> None:
    accounts.log_access(subjects=[person.resident_id_index], by=by, purpose=PURPOSE, fields=[what])


def uphold_appeal(*, appeal: Appeal, answer: str, by: Acting) -> Appeal:
    """Hold that the colour was wrong: a lift is proposed, and the appeal closes when a second person approves it.

    Where the reason has ended meanwhile there is nothing to lift, and the appeal closes at once. Refuses: NotFound for
    other offices; Invalid for an answer that says nothing; Conflict once answered, and while another decision about the
    person waits.
    """
    held = _take(appeal, answer, by)
    person = get_person(held.person_id)
    held.answer = answer
    if held.rule not in {one.rule for one in queries.status_of(person).reasons}:
        close_appeal(held, AppealState.UPHELD, by)
        return held
    own = names.within(held.region_code, held.regions[-1])
    decision = propose_decision(
        person=person,
        kind=DecisionKind.LIFT,
        colour=None,
        rule=held.rule,
        basis=Basis.WRONG,
        reason=answer,
        days=LIFTED_DAYS,
        by=by,
        region_code=held.region_code if own else held.regions[-1],
    )
    held.state, held.decision_id = AppealState.PROPOSED, decision.id
    keep_step(held, AppealMove.PROPOSED, by=by, said=answer.encode())
    call_duty(held)
    return held


def refuse_appeal(*, appeal: Appeal, answer: str, by: Acting) -> Appeal:
    """Hold that the colour is right, with the reason that the worker reads. Refuses: as `uphold_appeal`."""
    held = _take(appeal, answer, by)
    held.answer = answer
    close_appeal(held, AppealState.REFUSED, by)
    return held


def _take(appeal: Appeal, answer: str, by: Acting) -> Appeal:
    queries.get_appeal(appeal.id, seen_by=by)
    held = queries.lock_appeal(appeal.id)
    if held.state is AppealState.PROPOSED:
        raise Conflict("codes.appeal_proposed", "已有人认为申诉成立并提出更正，请在赋码决定里批准或不批准。")
    if held.state is not AppealState.OPEN:
        raise Conflict("codes.appeal_answered", "这次申诉已经答复过了，请刷新页面。")
    if len(answer) not in ANSWER:
        sentence = f"请用 {ANSWER.start} 到 {ANSWER.stop - 1} 个字写明事实和理由，本人会看到。"
        raise Invalid("codes.appeal_answer", sentence, fields={"answer": sentence})
    return held


def escalate_appeals() -> int:
    """Hand appeals whose time is over to the government above, some at a time; returns how many were looked at.

    The offices that had it see it still, and may still answer. Where there is nobody above it stays open and overdue.
    """
    now = clock.now()
    late = db.session.scalars(
        select(Appeal)
        .where(Appeal.due_at <= now, Appeal.answered_at.is_(None), Appeal.at_top.is_(False))
        .order_by(Appeal.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for appeal in late:
        _escalate(appeal)
    return len(late)


def _escalate(appeal: Appeal) -> None:
    above = _next(appeal.region_code, tuple(appeal.regions))
    if above is None:
        appeal.at_top = True
        keep_step(appeal, AppealMove.OVERDUE)
        office = queries.office_of(appeal.regions[-1])
        body = (
            f"您对“{RULE_NAMES[appeal.rule]}”的申诉应在 {spoken(appeal.due_at)} 前答复，{office}还没有答复。"
            "申诉仍然有效，不会因为过时作废；着急请打服务电话催办。"
        )
        tell(appeal, "overdue", "申诉还没有答复", body)
        return
    appeal.regions = [*appeal.regions, above]
    appeal.due_at = due(clock.now(), urgent=appeal.is_urgent)
    keep_step(appeal, AppealMove.ESCALATED)
    hand_over(appeal)
