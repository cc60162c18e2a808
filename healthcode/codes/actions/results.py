"""Test results: brought by an official of the person's region, taken once a second person has confirmed them.

A positive result makes somebody red, and two negative ones end that: no one hand does either.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.cells import read_cells
from backend.core.crypto import Sealed, blind_index, seal, unseal
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.transactions import enqueue
from backend.evidence import actions as evidence
from healthcode.codes import queries, result_rows
from healthcode.codes.actions.rejudging import rejudge
from healthcode.codes.evidence import TEST, test_content
from healthcode.codes.fact_rules import TESTED_NAMES, ResultListState, Tested
from healthcode.codes.models import NucleicTest, ResultList
from healthcode.codes.queries import Testee
from healthcode.codes.result_rows import FaultyRow, Matched, ResultRow, ResultSheet, headings_of

MOST_ROWS = 20_000
JUDGED_AT_ONCE = 500
"""More people than this are judged by the worker, within the minute."""
TYPED = "逐条录入"
RESULTS_LOCK = 0x6C68_7473
NOBODY = "系统里没有这个身份证号，或身份还没有核实，或不归本单位所在地区管，没有登记。请核对号码。"
OTHER_NAME = "姓名与系统里这个身份证号的姓名不同，请核对姓名和号码。"
ALREADY = "这份报告已经登记为{}，与这一行不同。登记错了的，请在本人页面提出更正决定。"


def propose_results(*, content: bytes, file_name: str, by: Acting) -> ResultList:
    """Take in a laboratory's list; it changes nothing until a second person confirms it.

    Rows that can't be taken, and those whose people aren't known here, come back with the reason; reports that are
    here already are counted and left out. Refuses: Forbidden to offices that are no government; Invalid for a file
    that is no such list, or has more than 20,000 rows.
    """
    _check_government(by)
    cells = read_cells(content, file_name, called="检测名单", code="codes.results", most_rows=MOST_ROWS)
    return _propose(result_rows.read_rows(cells, clock.now()), PurePath(file_name).name[:100], by)


def enter_result(*, said: dict[str, str], by: Acting) -> ResultList:
    """Take in one result as typed, by the fields of `result_rows.HEADINGS`; a second person confirms it as well.

    Refuses: Forbidden as above; Invalid with what is wrong with it, also when nobody of that number is known here;
    Conflict for a report that is here already.
    """
    _check_government(by)
    read = result_rows.read_row(said, number=1, now=clock.now())
    if isinstance(read, str):
        raise Invalid("codes.results.row", read)
    made = _propose(ResultSheet(tuple(headings_of()), (read,), (), {1: tuple(said.values())}), TYPED, by)
    if made.known:
        raise Conflict("codes.results.known", "这份报告已经登记过了，不用再录。")
    if made.faulty:
        raise Invalid("codes.results.row", faults_of(made)["rows"][0]["why"])
    return made


def _check_government(by: Acting) -> None:
    if by.kind is not OrganisationKind.GOVERNMENT:
        raise Forbidden("codes.results_office", "检测结果由主管部门登记。")


def _propose(sheet: ResultSheet, title: str, by: Acting) -> ResultList:
    found, unknown = _match(sheet, by)
    known = queries.known_reports([_report(one) for _, one in found])
    contradicting = [
        FaultyRow(row.number, sheet.cells[row.number], ALREADY.format(TESTED_NAMES[known[_report(one)]]))
        for row, one in found
        if known.get(_report(one), one.result) is not one.result
    ]
    rows = [one for _, one in found if _report(one) not in known]
    faults = sorted([*sheet.faults, *unknown, *contradicting], key=lambda fault: fault.number)
    said = {"headings": list(sheet.headings), "rows": [fault.to_json() for fault in faults]}
    made = ResultList(
        organisation_id=by.organisation_id,
        operator_id=by.operator_id,
        title=title,
        state=ResultListState.WAITING,
        rows=_sealed([one.to_json() for one in rows], "rows"),
        faults=_sealed(said, "faults") if faults else None,
        taken=len(rows),
        positive=sum(one.result is Tested.POSITIVE for one in rows),
        faulty=len(faults),
        known=len(found) - len(rows) - len(contradicting),
        created_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _match(sheet: ResultSheet, by: Acting) -> tuple[list[tuple[ResultRow, Matched]], list[FaultyRow]]:
    """The rows with their people, and those whose person is not known here or is called otherwise."""
    index_of = {row.number: blind_index(row.resident_id, "resident_id") for row in sheet.rows}
    testees = queries.find_testees(list(set(index_of.values())), seen_by=by)
    found, unknown = [], []
    for row in sheet.rows:
        testee = testees.get(index_of[row.number])
        wrong = NOBODY if testee is None else _other_name(row, testee)
        if testee is None or wrong:
            unknown.append(FaultyRow(row.number, sheet.cells[row.number], wrong))
        else:
            found.append((row, _matched(row, testee)))
    return found, unknown


def _other_name(row: ResultRow, testee: Testee) -> str:
    return "" if blind_index(row.name, "name") == testee.name_index else OTHER_NAME


def _matched(row: ResultRow, testee: Testee) -> Matched:
    return Matched(
        str(testee.person_id),
        testee.name_mask,
        testee.last_four,
        row.sampled_at,
        row.result,
        row.laboratory,
        row.report_number,
    )


def _report(one: Matched) -> tuple[UUID, str, str]:
    return UUID(one.person_id), one.laboratory, one.report_number


def _sealed(value: object, column: str) -> Sealed:
    return seal(json.dumps(value, ensure_ascii=False), f"codes.result_list.{column}")


def rows_of(shown: ResultList) -> list[Matched]:
    """What a list that waits would enter, positive ones first; nothing once it was decided."""
    values = json.loads(unseal(shown.rows)) if shown.rows else []
    rows = [Matched.from_json(value) for value in values]
    return sorted(rows, key=lambda one: one.result is not Tested.POSITIVE)


def faults_of(shown: ResultList) -> dict[str, Any]:
    """The headings and the rows that were not taken, with why; empty once they were erased."""
    said: dict[str, Any] = json.loads(unseal(shown.faults)) if shown.faults else {"headings": [], "rows": []}
    return said


def confirm_results(*, list_id: UUID, by: Acting) -> int:
    """Enter a list's results, as the second person, and judge whom they touch; returns how many were new.

    Refuses: NotFound for another office's list; Forbidden to the person who brought it; Conflict when it was decided
    already or has no row to enter.
    """
    held = _waiting(list_id, by)
    if held.operator_id == by.operator_id:
        raise Forbidden("codes.results_same_person", "上传的人不能自己复核，请本单位另一位经办人来复核。")
    rows = rows_of(held)
    if not rows:
        raise Conflict("codes.results_nothing", "这份名单没有一行能登记，请改好后重新上传。")
    db.session.execute(select(func.pg_advisory_xact_lock(RESULTS_LOCK)))
    now = clock.now()
    known = queries.known_reports([_report(one) for one in rows])
    new = [one for one in rows if _report(one) not in known]
    _enter(new, held, now)
    held.state, held.rows, held.decided_by, held.decided_at = ResultListState.CONFIRMED, None, by.operator_id, now
    held.taken, held.positive = len(new), sum(one.result is Tested.POSITIVE for one in new)
    db.session.flush()
    touched = queries.once_positive(list({UUID(one.person_id) for one in new}))
    if len(touched) > JUDGED_AT_ONCE:
        enqueue("codes.rejudge")
    elif touched:
        rejudge(people=touched)
    return len(new)


def _enter(rows: Sequence[Matched], held: ResultList, now: datetime) -> None:
    tests = [
        NucleicTest(
            person_id=UUID(one.person_id),
            sampled_at=one.sampled_at,
            result=one.result,
            laboratory=one.laboratory,
            report_number=one.report_number,
            list_id=held.id,
            organisation_id=held.organisation_id,
            entered_at=now,
        )
        for one in rows
    ]
    said = [(str(test.person_id), test_content(test)) for test in tests]
    keys = evidence.record_many(kind=TEST.name, items=said)
    values = [_values(test) | {"id": key} for test, key in zip(tests, keys, strict=True)]
    if values:
        db.session.execute(insert(NucleicTest), values)


def _values(test: NucleicTest) -> dict[str, Any]:
    return {name: getattr(test, name) for name in NucleicTest.__table__.columns.keys() if name != "id"}  # noqa: SIM118 - a collection of columns


def discard_results(*, list_id: UUID, by: Acting) -> None:
    """Throw a waiting list away. Refuses: NotFound for another office's; Conflict when it was decided already."""
    held = _waiting(list_id, by)
    held.state, held.rows = ResultListState.DISCARDED, None
    held.decided_by, held.decided_at = by.operator_id, clock.now()


def _waiting(list_id: UUID, by: Acting) -> ResultList:
    held = queries.get_result_list(list_id, seen_by=by, lock=True)
    if held.state is not ResultListState.WAITING:
        raise Conflict("codes.results_decided", "这份名单已经处理过了，请刷新页面。")
    return held
