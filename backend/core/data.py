"""The kinds of data that core itself keeps, and those that lie in no table."""

from backend.core.features import DataKind, Way

CYBERSECURITY = "《网络安全法》第二十一条"

KINDS = (
    DataKind(
        name="core.deliveries",
        title="系统内部传递",
        what="哪件事要通知哪个部分处理，只有编号，没有姓名和号码",
        tables=("core.delivery",),
        basis=CYBERSECURITY,
        way=Way.OWN,
        days=7,
        since="处理完成之日",
        erase="backend.core.deliveries:erase_delivered",
    ),
    DataKind(
        name="core.settings",
        title="保存期限登记",
        what="哪张表保存几天，没有个人信息",
        tables=("core.*",),
        basis="《个人信息保护法》第五十一条",
        way=Way.LASTING,
        kept="系统运行期间一直保存，没有个人信息",
    ),
    DataKind(
        name="core.logs",
        title="程序运行日志",
        what="请求的时间、页面和结果，没有姓名、号码和填写的内容",
        tables=(),
        basis=CYBERSECURITY,
        way=Way.LASTING,
        kept="由服务器的日志系统保存，不少于 6 个月",
    ),
    DataKind(
        name="core.backups",
        title="数据库备份",
        what="数据库在某一时刻的副本，其中的个人信息同样是加密的",
        tables=(),
        basis=CYBERSECURITY,
        way=Way.LASTING,
        kept="由运维单位按轮换周期覆盖；恢复备份后，到期的数据在一小时内重新删除",
    ),
)
