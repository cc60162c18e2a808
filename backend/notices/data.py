"""The kinds of data that notices keep."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="notices.messages",
        title="消息",
        what="发给您的消息，以及微信、短信有没有送到",
        tables=("notices.message", "notices.attempt"),
        basis="《个人信息保护法》第十三条第一款第一项",
        way=Way.OWN,
        days=180,
        since="消息写成之日",
        erase="backend.notices.actions:erase_messages",
    ),
    DataKind(
        name="notices.grants",
        title="微信消息授权",
        what="您还允许我们发几条哪一种微信消息",
        tables=("notices.*",),
        basis="《个人信息保护法》第十三条第一款第一项",
        way=Way.LASTING,
        kept="用一次少一次，用完为零",
    ),
)
