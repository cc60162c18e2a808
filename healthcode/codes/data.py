"""The kinds of data that health codes keep."""

from backend.core.features import DataKind, Way

PREVENTION = "《传染病防治法》第十二条、《个人信息保护法》第二十九条"
KINDS = (
    DataKind(
        name="codes.declarations",
        title="健康申报",
        what="体温、症状、接触史、是否从境外回来",
        tables=("codes.declaration",),
        basis=PREVENTION,
        way=Way.PARTITIONS,
        days=30,
    ),
    DataKind(
        name="codes.readings",
        title="扫码查验",
        what="哪个卡口在什么时候扫了您的健康码，结果是什么",
        tables=("codes.reading",),
        basis=PREVENTION,
        way=Way.PARTITIONS,
        days=14,
    ),
    DataKind(
        name="codes.changes",
        title="变色记录",
        what="健康码什么时候从什么颜色变成什么颜色，依据是什么",
        tables=("codes.colour_change",),
        basis=PREVENTION,
        way=Way.ROWS,
        days=31,
    ),
    DataKind(
        name="codes.status",
        title="当前健康码状态",
        what="现在的颜色和依据，每人只有最新的一份",
        tables=("codes.status",),
        basis=PREVENTION,
        way=Way.LASTING,
        kept="只保留最新的一份，新的申报和判断覆盖旧的",
    ),
    DataKind(
        name="codes.decisions",
        title="赋码决定",
        what="哪两个单位、依据哪条规定、因为什么对谁作出决定，到什么时候",
        tables=("codes.decision",),
        basis="《传染病防治法》第三十九条、《档案法》第十三条",
        way=Way.LASTING,
        kept="作为行政决定归档，由作出决定的机关按档案规定保存",
    ),
    DataKind(
        name="codes.rules",
        title="赋码规则和签发密钥",
        what="各版规则、签发健康码的密钥，没有个人信息；试算结果在决定后清空",
        tables=("codes.*",),
        basis="《传染病防治法》第十二条",
        way=Way.LASTING,
        kept="核对以前的健康码所需，一直保存",
    ),
)
