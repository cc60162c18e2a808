"""Creating a transfer, and taking it from one state to the next."""

from uuid import UUID

from backend.accounts.acting import Acting
from backend.accounts.models import Organisation
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.events import emit
from backend.evidence import actions as evidence
from healthcode.transfers import queries
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.events import TransferMoved
from healthcode.transfers.evidence import STEP, step_content
from healthcode.transfers.models import Step, Transfer
from healthcode.transfers.rules import EDITABLE, ENDED, LONGEST_TITLE, STATE_NAMES, State

SHORTEST_NOTE = 4


def create_transfer(*, title: str, destination_id: UUID, by: Acting) -> Transfer:
    """A draft from the acting government to another one; the destination sees it once it is offered.

    Refuses: Forbidden to all but officials of governments; Invalid with a sentence a field.
    """
    if by.kind is not OrganisationKind.GOVERNMENT or by.role is not Role.OFFICIAL:
        raise Forbidden("transfers.officials_only", "只有政府部门的经办人可以发起输送。")
    destination = db.session.get(Organisation, destination_id)
    tidy = " ".join(title.split())
    _check(tidy, destination, by)
    transfer = Transfer(
        title=tidy,
        origin_id=by.organisation_id,
        destination_id=destination_id,
        origin_region=by.region_code,
        destination_region=destination.region_code if destination else "",
        state=State.DRAFT,
        created_at=clock.now(),
    )
    db.session.add(transfer)
    db.session.flush()
    _step(transfer, None, by, "")
    return transfer


def _check(title: str, destination: Organisation | None, by: Acting) -> None:
    faults = {}
    if not 1 <= len(title) <= LONGEST_TITLE:
        faults["title"] = f"请填写名称，最多 {LONGEST_TITLE} 个字。"
    if destination is None or destination.kind is not OrganisationKind.GOVERNMENT:
        faults["destination_id"] = "请选择输入地的政府部门。"
    elif destination.id == by.organisation_id:
        faults["destination_id"] = "输入地不能是本单位。"
    if faults:
        raise Invalid("transfers.invalid", "请按提示修改后再提交。", fields=faults)


def _step(transfer: Transfer, before: State | None, by: Acting, note: str) -> None:
    step = Step(
        transfer_id=transfer.id,
        before=before,
        after=transfer.state,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        note=note,
        at=clock.now(),
    )
    step.id = evidence.record(kind=STEP.name, subject=str(transfer.id), content=step_content(step))
    db.session.add(step)


def move_transfer(*, transfer: Transfer, to: State, note: str, by: Acting) -> Transfer:
    """Take a transfer to another state, if it is this side's turn; who, when and why is kept as a step.

    A transfer with vehicles is in transit and arrives by theirs (see `vehicles`), where calling it off on the way is
    `recall_transfer`. Refuses: NotFound for other offices; Conflict("transfers.no_such_move") out of turn,
    Conflict("transfers.empty") when an empty roster is offered; Invalid("transfers.note_missing") when it is cancelled
    without a reason.
    """
    db.session.refresh(queries.get_transfer(transfer.id, seen_by=by), with_for_update=True)
    if to not in queries.possible_moves(transfer, by):
        raise Conflict(
            "transfers.no_such_move",
            f"这次输送现在是“{STATE_NAMES[transfer.state]}”，本单位不能把它改为“{STATE_NAMES[to]}”，请刷新页面查看。",
        )
    if to is State.OFFERED and not transfer.entries:
        raise Conflict("transfers.empty", "花名册还是空的，请先导入花名册，再提交给输入地。")
    take_step(transfer=transfer, to=to, note=read_reason(note) if to is State.CANCELLED else note.strip(), by=by)
    return transfer


def read_reason(note: str) -> str:
    """The reason for calling something off. Refuses: Invalid when it says nothing."""
    reason = note.strip()
    if len(reason) < SHORTEST_NOTE:
        sentence = f"请写明原因（至少 {SHORTEST_NOTE} 个字），对方单位会看到。"
        raise Invalid("transfers.note_missing", sentence, fields={"note": sentence})
    return reason


def take_step(*, transfer: Transfer, to: State, note: str, by: Acting) -> None:
    """Let a locked transfer be in another state from now on, keep who did it, and announce it."""
    before, transfer.state = transfer.state, to
    if to is State.OFFERED:
        transfer.offered_at = clock.now()
    if to in ENDED:
        transfer.ended_at = clock.now()
    _step(transfer, before, by, note)
    mark_uncounted([transfer.id])
    emit(TransferMoved(transfer.id, before, to))


def lock_for_origin(transfer: Transfer, by: Acting) -> Transfer:
    """The transfer, locked, for its origin to change the roster.

    Refuses: NotFound for other offices, Forbidden to the destination, Conflict when all have left or it has ended.
    """
    db.session.refresh(queries.get_transfer(transfer.id, seen_by=by), with_for_update=True)
    if transfer.origin_id != by.organisation_id:
        raise Forbidden("transfers.origin_only", "花名册由输出地维护，如有出入请联系对方单位修改。")
    if transfer.state not in EDITABLE:
        raise Conflict("transfers.ended", f"这次输送{STATE_NAMES[transfer.state]}，花名册不能再修改。")
    return transfer
