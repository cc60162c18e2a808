"""What an operator may do, as the menu on the left says it: by role, by kind of office."""

from dataclasses import dataclass, replace

from flask import request, url_for

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind, Role
from backend.privacy.evidence import ERASURE


@dataclass(frozen=True, slots=True)
class Item:
    endpoint: str
    label: str
    icon: str
    below: frozenset[str] = frozenset()
    """Blueprints whose pages stand below it."""
    actions: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset(OrganisationKind)
    """The kinds of office that see it."""
    group: str = ""
    """The heading under which it stands, in a menu that is long; items of a group follow each other."""

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether the page that is shown is this item's, or stands below it."""
        return request.endpoint in {self.endpoint, *self.actions} or (request.blueprint or "") in self.below


HOME = Item("home.show", "首页", "house", frozenset({"headlines"}))
ROSTERS = frozenset(
    {
        "transfers",
        "trips",
        "plans",
        "boarding",
        "roster",
        "reconciliation",
        "reports",
        "employers",
        "handovers",
        "imports",
        "workers",
        "companions",
        "cards",
        "card_sheets",
        "worker_cards",
        "worker_card_sheets",
        "itineraries",
        "worker_evidence",
        "transfer_evidence",
    }
)
OPERATOR_PAGES = frozenset({f"platform.{page}" for page in ("create_operator", "operator", "add_office", "disable")})
EXCHANGE = Item(
    "exchange.index",
    "政府间对接",
    "arrow-left-right",
    frozenset({"exchange", "exchange_partners", "exchange_told"}),
)
ERASURES = Item("erasures.index", "到期删除", "trash3", frozenset({"erasures"}), kinds=ERASURE.known_to)


def _under(group: str, *items: Item) -> tuple[Item, ...]:
    return tuple(replace(item, group=group) for item in items)


MENUS: dict[Role, tuple[Item, ...]] = {
    Role.OFFICIAL: (
        HOME,
        *_under(
            "输送",
            Item("transfers.index", "点对点输送", "signpost-split", ROSTERS),
            Item("findings.index", "需要处理", "exclamation-triangle", frozenset({"findings"})),
            Item("claims.index", "身份核实", "person-check", frozenset({"claims"})),
            Item("places.index", "场所码", "qr-code", frozenset({"places"})),
        ),
        *_under(
            "健康码",
            Item("appeals.index", "申诉", "chat-square-text", frozenset({"appeals", "appeal_statistics", "duty"})),
            Item("decisions.index", "赋码决定", "pencil-square", frozenset({"decisions"})),
            Item("results.index", "检测结果", "droplet-half", frozenset({"results"})),
            Item("certificates.index", "健康证明", "file-earmark-medical", frozenset({"certificates"})),
            Item("photos.index", "纸质证明", "camera", frozenset({"photos"})),
            Item("rules.index", "赋码规则", "sliders", frozenset({"rules", "trials"})),
            Item("risk.index", "地区风险", "geo", frozenset({"risk"})),
        ),
        *_under(
            "记录和对接",
            Item("accesses.index", "查看记录", "eye", frozenset({"accesses"})),
            Item("export_log.index", "导出记录", "box-arrow-down", frozenset({"export_log"})),
            EXCHANGE,
            ERASURES,
        ),
    ),
    Role.OFFICER: (
        HOME,
        Item("lookups.index", "无手机查询", "person-vcard", frozenset({"lookups"})),
        Item("helpers.index", "临时查验员", "person-plus", frozenset({"helpers"})),
    ),
    Role.HELPER: (),
    Role.EMPLOYER: (
        HOME,
        Item("workforce.index", "用工", "people", frozenset({"workforce"})),
    ),
    Role.SUPERVISOR: (
        HOME,
        Item("evidence.checkpoints", "检查点", "patch-check"),
        Item("evidence.audit", "核查", "clipboard-check"),
        Item(
            "evidence_records.index", "查存证", "search", frozenset({"evidence_records"}), frozenset({"evidence.leaf"})
        ),
        Item("on_duty.on_duty", "上岗人数", "people", kinds=frozenset({OrganisationKind.BANK})),
        Item("accesses.index", "查看记录", "eye", frozenset({"accesses"})),
        ERASURES,
    ),
    Role.ADMINISTRATOR: (
        HOME,
        Item("platform.organisations", "单位", "building", actions=frozenset({"platform.create_organisation"})),
        Item("platform.operators", "操作员", "people", actions=OPERATOR_PAGES),
        EXCHANGE,
        ERASURES,
    ),
}


def menu_of(acting: Acting) -> tuple[Item, ...]:
    """The items of an operator's role, home first."""
    return tuple(item for item in MENUS[acting.role] if acting.kind in item.kinds)
