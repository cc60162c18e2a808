"""The kinds of data that are exchanged with partners."""

from backend.core.features import DataKind, Way

SHARING = "《个人信息保护法》第十三条第一款第三项、第二十三条，《就业促进法》第三十五条"

KINDS = (
    DataKind(
        name="partners.rosters",
        title="对方政府系统发来的花名册和健康码",
        what="外地政府系统发来的姓名、身份证号、电话、岗位、座位，以及告知的健康码颜色",
        tables=("partners.told",),
        basis=SHARING,
        way=Way.OWN,
        days=14,
        since="输送结束之日",
        erase="backend.partners.actions:erase_ended",
    ),
    DataKind(
        name="partners.messages",
        title="发给对方政府系统的消息",
        what="哪次输送的哪类消息何时送达；内容加密存放，送达后随即删除",
        tables=("partners.message",),
        basis=SHARING,
        way=Way.ROWS,
        days=180,
    ),
    DataKind(
        name="partners.received",
        title="收到的对方政府系统的消息",
        what="消息编号、摘要和答复，没有姓名和号码",
        tables=("partners.received",),
        basis="《网络安全法》第二十一条",
        way=Way.ROWS,
        days=30,
    ),
    DataKind(
        name="partners.partners",
        title="对接的政府系统",
        what="哪个政府的系统、地址、公钥，哪些输送与它对接；没有个人信息",
        tables=("partners.*",),
        basis="《个人信息保护法》第五十一条",
        way=Way.LASTING,
        kept="对接期间一直保存，没有个人信息",
    ),
)
