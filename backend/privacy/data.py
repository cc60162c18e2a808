"""The kinds of data that privacy itself keeps."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="privacy.exports",
        title="导出和下载记录",
        what="哪个单位的谁在什么时候、为什么导出了哪张表、多少人；您什么时候下载过自己的信息",
        tables=("privacy.export", "privacy.copy"),
        basis="《个人信息保护法》第五十一条、第五十六条",
        way=Way.ROWS,
        days=1096,
    ),
    DataKind(
        name="privacy.reports",
        title="到期删除报告",
        what="哪一天从哪张表删除了多少行；哪些日子应哪个机关的书面要求留存；没有个人信息",
        tables=("privacy.*",),
        basis="《个人信息保护法》第五十一条、第五十四条",
        way=Way.LASTING,
        kept="一直保存，没有个人信息",
    ),
)
