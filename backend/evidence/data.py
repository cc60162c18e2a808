"""The kinds of data that the log keeps."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="evidence.openings",
        title="存证内容",
        what="能打开存证记录的内容和随机数；删除后，存证再也无法还原成内容",
        tables=("evidence.opening",),
        basis="《个人信息保护法》第十九条、《电子签名法》第六条",
        way=Way.PARTITIONS,
        days=0,
        since="每条记录自己的最后一天",
    ),
    DataKind(
        name="evidence.log",
        title="存证日志",
        what="加了随机数的摘要、检查点和见证签名；没有存证内容就读不出任何人的信息",
        tables=("evidence.*",),
        basis="《电子签名法》第五条、第六条",
        way=Way.LASTING,
        kept="只增不减，一直保存；不含个人信息",
    ),
)
