"""The kinds of data that transfers keep."""

from backend.core.features import DataKind, Way

CONTRACT = "《个人信息保护法》第十三条第一款第一项、第三项，《就业促进法》第三十五条"
KINDS = (
    DataKind(
        name="transfers.rosters",
        title="花名册",
        what="姓名、身份证号、地址、电话、岗位、座位、何时上下车、车上的登记；司机的姓名和电话；接收人的姓名、电话和签名；企业登记的上岗、健康证明编号",
        tables=(
            "transfers.entry",
            "transfers.ride",
            "transfers.mark",
            "transfers.plan",
            "transfers.receiver",
            "transfers.handover",
            "transfers.start",
        ),
        basis=CONTRACT,
        way=Way.OWN,
        days=180,
        since="输送结束之日",
        erase="healthcode.transfers.actions:erase_ended",
    ),
    DataKind(
        name="transfers.phones",
        title="车长手机上的名单",
        what="本车人员的姓名、身份证后四位、座位、颜色和还没有上传的登记，在车长、副车长的手机上加密存放",
        tables=(),
        basis=CONTRACT,
        way=Way.LASTING,
        kept="车次结束、不再带队或退出登录时由手机删除",
    ),
    DataKind(
        name="transfers.imports",
        title="导入的花名册文件",
        what="正在导入的行和原文件；没有采用的行所成的表另存 14 天",
        tables=("transfers.import_row", "transfers.roster_import"),
        basis=CONTRACT,
        way=Way.LASTING,
        kept="导入完成或放弃后随即删除行和原文件，只留下文件名和行数",
    ),
    DataKind(
        name="transfers.inspections",
        title="整车查验",
        what="哪个卡口在什么时候扫了哪辆车的车辆码、看了多少人；看了谁记在各人的扫码查验里",
        tables=("transfers.inspection",),
        basis="《传染病防治法》第十二条、《个人信息保护法》第二十九条",
        way=Way.ROWS,
        days=14,
    ),
    DataKind(
        name="transfers.transfers",
        title="输送和车次",
        what="从哪里到哪里、何时、哪辆车、多少人、谁办理；没有乘客的个人信息",
        tables=("transfers.*",),
        basis="《档案法》第十三条",
        way=Way.LASTING,
        kept="作为公务记录归档，没有乘客的个人信息",
    ),
)
