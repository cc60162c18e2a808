"""The kinds of data that the itinerary keeps."""

from backend.core.features import DataKind, Way

PREVENTION = "《传染病防治法》第十二条、《个人信息保护法》第二十九条"
KINDS = (
    DataKind(
        name="itinerary.positions",
        title="位置和场所扫码",
        what="您在什么时候到过哪里，由什么证明（包括同车人员的位置），以及由此得出的停留",
        tables=("itinerary.sighting", "itinerary.stay"),
        basis=PREVENTION,
        way=Way.PARTITIONS,
        days=14,
    ),
    DataKind(
        name="itinerary.declared_trips",
        title="申报的行程",
        what="您自己申报的火车、客车、飞机、自驾车行程：车次、座位、从哪里到哪里、时间；撤回的不再使用",
        tables=("itinerary.declared_trip",),
        basis=PREVENTION,
        way=Way.ROWS,
        days=14,
        since="到达之日",
    ),
    DataKind(
        name="itinerary.last_seen",
        title="最近一次位置",
        what="最近一次有消息是什么时候、在哪里",
        tables=("itinerary.last_seen",),
        basis=PREVENTION,
        way=Way.OWN,
        days=14,
        since="那一次之日",
        erase="healthcode.itinerary.actions:erase_last_seen",
    ),
    DataKind(
        name="itinerary.places",
        title="场所和地区风险",
        what="场所码贴在哪里、在哪些屏幕上显示、各地区每天的风险等级，没有个人信息",
        tables=("itinerary.*",),
        basis="《传染病防治法》第十二条",
        way=Way.LASTING,
        kept="场所和名单有效期间及以后核查所需，没有个人信息",
    ),
)
