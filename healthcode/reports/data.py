"""The kinds of data that reports keep."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="reports.reports",
        title="输送报告",
        what="经办人为存档生成的输送报告：人数、差异、途中情况、处理经过；姓名默认遮盖，文件加密存放",
        tables=("reports.*",),
        basis="《个人信息保护法》第十三条第一款第三项、《档案法》第十三条",
        way=Way.OWN,
        days=7,
        since="申请生成之日",
        erase="healthcode.reports.actions:erase_old",
    ),
)
