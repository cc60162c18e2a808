"""A clerk has decided who speaks for whom."""

from backend.accounts.events import ClaimDecided
from backend.accounts.models import Account, Holding
from backend.core.db import db
from backend.core.transactions import enqueue
from backend.notices.actions.inbox import SEND, Notice, notify_many, put, reach
from backend.notices.rules import Kind


def tell_claim_decided(event: ClaimDecided) -> None:
    """Tell whoever asked: a confirmed claim reaches all who speak for the person now.

    A refused one reaches the account that asked, and stands in the person's inbox for those who speak for them: they
    should know that somebody else tried.
    """
    topic = f"claim:{event.holding_id}:{'confirmed' if event.confirmed else 'refused'}"
    if event.confirmed:
        body = "工作人员已核实您的登记，现在可以申报健康、出示健康码。"
        notify_many([Notice(event.person_id, Kind.CLAIM, topic, "身份核实通过", body, "code")])
        return
    holding = db.session.get_one(Holding, event.holding_id)
    body = (
        f"有账号申请登记此人，工作人员核实后没有通过：{holding.decision_note or '信息不一致'}。如有疑问请打服务电话。"
    )
    new = put([Notice(event.person_id, Kind.CLAIM, topic, "身份核实未通过", body, "people")])
    if new:
        reach(new, [(event.person_id, db.session.get_one(Account, holding.account_id))])
        enqueue(SEND)
