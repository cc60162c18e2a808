"""Certificates of health: what waits for this government, one certificate with its photo, the decision."""

from datetime import date
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.accounts import actions as accounts
from backend.accounts.rules import Role
from backend.consoles import lists
from backend.consoles.forms import shows_again, typed
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.core import clock
from backend.core.errors import Invalid, Refused
from backend.regions import names as regions
from healthcode.codes import actions, queries
from healthcode.codes.actions import Paper
from healthcode.codes.appeal_rules import ENDINGS
from healthcode.codes.fact_rules import CERTIFICATE_STATE_NAMES, CertificateState
from healthcode.codes.rules import COLOUR_NAMES

blueprint = pages("certificates", __name__, Role.OFFICIAL, path="/certificates")

STATE_TAGS = {CertificateState.WAITING: "tag-waiting", CertificateState.CONFIRMED: "tag-good"}
SHOWN = (
    CertificateState.WAITING,
    CertificateState.CONFIRMED,
    CertificateState.REFUSED,
    CertificateState.WITHDRAWN,
)
NAMES = {
    "state_names": CERTIFICATE_STATE_NAMES,
    "state_tags": STATE_TAGS,
    "colour_names": COLOUR_NAMES,
    "region_name": regions.full_name,
    "endings": ENDINGS,
}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What waits, the oldest first; or those of another state."""
    state = lists.choice_arg("state", CertificateState) or CertificateState.WAITING
    rows = queries.list_certificates(
        seen_by=current_office(), state=state, after=lists.key_arg("after"), limit=lists.PAGE
    )
    return render_template(
        "console/certificates.html",
        rows=rows,
        counts=queries.count_certificates(seen_by=current_office()),
        states=SHOWN,
        chosen=state,
        onward=rows[-1][0].id if len(rows) == lists.PAGE else None,
        today=clock.today(),
        **NAMES,
    )


def _page(certificate_id: UUID, refused: Refused | None = None, revealed: dict[str, str] | None = None) -> str:
    held, person, said = actions.read_certificate(certificate_id=certificate_id, by=current_office())
    return render_template(
        "console/certificate.html",
        paper=held,
        said=said,
        person=person,
        verdict=queries.status_of(person),
        today=clock.today(),
        refused=refused,
        revealed=revealed,
        **NAMES,
    )


@blueprint.get("/<uuid:certificate_id>")
def show(certificate_id: UUID) -> ResponseReturnValue:
    """One certificate: what was typed, to be compared with its photo."""
    return _page(certificate_id)


@blueprint.post("/<uuid:certificate_id>/reveal")
@shows_again(_page)
def reveal(certificate_id: UUID) -> ResponseReturnValue:
    """Show name and number once, for comparing them with the paper; the person reads it."""
    _, person = queries.get_certificate(certificate_id, seen_by=current_office())
    revealed = accounts.reveal(
        sealed={"姓名": person.name, "身份证号": person.resident_id},
        subject_index=person.resident_id_index,
        by=current_office(),
        purpose=typed("purpose"),
    )
    return _page(certificate_id, revealed=revealed)


@blueprint.get("/<uuid:certificate_id>/file")
def file(certificate_id: UUID) -> ResponseReturnValue:
    """The photo or PDF, to be saved, never shown by the browser as a page of this site."""
    held, content = actions.open_certificate(certificate_id=certificate_id, by=current_office())
    kind = held.kind
    response = Response(content, mimetype=kind.value if kind else "application/octet-stream")
    name = f"健康证明-{str(held.id)[-4:]}.{ENDINGS[kind] if kind else 'bin'}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
    return response


@blueprint.post("/<uuid:certificate_id>")
@shows_again(_page)
def decide(certificate_id: UUID) -> ResponseReturnValue:
    """Confirm it with what the paper says, or refuse it with the reason."""
    match request.form.get("decision", ""):
        case "confirm":
            paper = Paper(typed("number"), typed("institution"), _day("issued_on"), _day("valid_until"))
            actions.confirm_certificate(certificate_id=certificate_id, paper=paper, by=current_office())
            flash("已确认。有效期内没有申报也没有其他情况时，本人凭它为绿码，已通知本人。")
        case "refuse":
            actions.refuse_certificate(certificate_id=certificate_id, reason=typed("reason"), by=current_office())
            flash("没有通过，本人会看到您写的原因。")
        case _:
            raise Invalid("consoles.decision", "请从页面上的按钮选择要做的事。")
    return redirect(url_for("certificates.show", certificate_id=certificate_id))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(typed(name)) if typed(name) else None
    except ValueError as wrong:
        raise Invalid("consoles.day", "请按提示改一下。", fields={name: "日期不对，请重新选择。"}) from wrong
