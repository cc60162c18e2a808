"""The kinds of data that checks keep."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="checks.findings",
        title="异常提示",
        what="没有申报、发热、没有按时到达等需要处理的情况，不写姓名和号码",
        tables=("checks.*",),
        basis="《传染病防治法》第十二条",
        way=Way.LASTING,
        kept="随花名册一起删除：输送结束 180 天以后",
    ),
)
