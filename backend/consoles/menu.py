"""What an operator may do, as the menu on the left says it: by role, by kind of office."""

from dataclasses import dataclass

from flask import request, url_for

from backend.accounts.acting import Acting
from backend.accounts.rules import Role


@dataclass(frozen=True, slots=True)
class Item:
    endpoint: str
    label: str
    icon: str
    below: frozenset[str] = frozenset()
    """Blueprints whose pages stand below it."""
    actions: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether the page that is shown is this item's, or stands below it."""
        return request.endpoint in {self.endpoint, *self.actions} or (request.blueprint or "") in self.below


HOME = Item("home.show", "首页", "house")
ROSTERS = frozenset(
    {"transfers", "trips", "plans", "roster", "imports", "workers", "worker_evidence", "transfer_evidence"}
)
OPERATOR_PAGES = frozenset({f"platform.{page}" for page in ("create_operator", "operator", "add_office", "disable")})
MENUS: dict[Role, tuple[Item, ...]] = {
    Role.OFFICIAL: (
        HOME,
        Item("transfers.index", "点对点输送", "signpost-split", ROSTERS),
        Item("findings.index", "需要处理", "exclamation-triangle", frozenset({"findings"})),
        Item("claims.index", "身份核实", "person-check", frozenset({"claims"})),
        Item("places.index", "场所码", "qr-code", frozenset({"places"})),
        Item("decisions.index", "赋码决定", "pencil-square", frozenset({"decisions"})),
        Item("appeals.index", "申诉", "chat-square-text", frozenset({"appeals", "appeal_statistics"})),
        Item("rules.index", "赋码规则", "sliders", frozenset({"rules", "trials"})),
        Item("risk.index", "地区风险", "geo", frozenset({"risk"})),
        Item("accesses.index", "查看记录", "eye", frozenset({"accesses"})),
    ),
    Role.OFFICER: (HOME,),
    Role.SUPERVISOR: (
        HOME,
        Item("evidence.checkpoints", "检查点", "patch-check"),
        Item("evidence.audit", "核查", "clipboard-check"),
        Item(
            "evidence_records.index", "查存证", "search", frozenset({"evidence_records"}), frozenset({"evidence.leaf"})
        ),
        Item("accesses.index", "查看记录", "eye", frozenset({"accesses"})),
    ),
    Role.ADMINISTRATOR: (
        HOME,
        Item("platform.organisations", "单位", "building", actions=frozenset({"platform.create_organisation"})),
        Item("platform.operators", "操作员", "people", actions=OPERATOR_PAGES),
    ),
}


def menu_of(acting: Acting) -> tuple[Item, ...]:
    """The items of an operator's role, home first."""
    return MENUS[acting.role]
