"""Messages to the people an account speaks for, and its consent to WeChat's subscribe messages."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from backend.accounts import queries as accounts
from backend.notices import actions, queries
from miniprogram_api.guard import current_account_id, worker
from miniprogram_api.schemas import Answer, Body


class MessageOut(Answer):
    id: UUID
    person_id: UUID
    title: str = Field(examples=["请完成今天的健康申报"])
    body: str
    page: str = Field(examples=["declare"])
    created_at: datetime
    read_at: datetime | None


class InboxOut(Answer):
    messages: list[MessageOut]


class GrantOut(Answer):
    id: str = Field(description="WeChat's template id, for wx.requestSubscribeMessage.")
    name: str = Field(examples=["健康申报提醒"])
    left: int = Field(description="How many messages of it may still be sent.")


class GrantsOut(Answer):
    templates: list[GrantOut]


class SubscriptionsIn(Body):
    accepted: dict[str, int] = Field(
        max_length=3,
        description="Template id to how many messages the user agreed to in this prompt.",
        examples=[{"tmpl-undeclared": 1}],
    )


def _spoken_for() -> list[UUID]:
    return accounts.list_spoken_for(current_account_id())


@worker.get("/inbox")
@worker.output(InboxOut)
def inbox() -> dict[str, object]:
    """消息 The newest hundred messages of all people this account speaks for."""
    return {"messages": queries.inbox(_spoken_for())}


@worker.post("/inbox/<uuid:message_id>/read")
@worker.output({}, 204)
def read(message_id: UUID) -> str:
    """已读 Mark a message as read; reading twice is reading once."""
    actions.mark_read(message_id=message_id, person_ids=_spoken_for())
    return ""


@worker.get("/subscriptions")
@worker.output(GrantsOut)
def subscriptions() -> dict[str, object]:
    """订阅消息模板 The templates to ask consent for, and how many messages are left of each."""
    return {"templates": queries.list_grants(current_account_id())}


@worker.post("/subscriptions")
@worker.input(SubscriptionsIn, arg_name="body")
@worker.output({}, 204)
def subscribe(body: SubscriptionsIn) -> str:
    """订阅消息授权 Tell how often the user just agreed to messages of each template."""
    actions.add_grants(account_id=current_account_id(), accepted=body.accepted)
    return ""
