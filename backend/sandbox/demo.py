"""Who and what exists in the sandbox: WeChat users, mini programs, templates, SMS number ranges. All fictitious."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """One person with WeChat on the phone."""

    name: str
    openid: str
    phone: str
    gives_phone: bool = True
    note: str = ""


DEMO_USERS = (
    User("杨秀英", "o_yang", "13800000001", note="在花名册上，身份证号 522201198503076128"),
    User("吴老七", "o_wu", "13800000002", note="在花名册上，身份证号 52222519780916301X"),
    User("龙小妹", "o_long", "13800000003", gives_phone=False, note="不肯给手机号，身份证号 520622199902114028"),
    User("田大壮", "o_tian", "13800000004", note="在花名册上，身份证号 522228199005231038"),
    User("石小兰", "o_shi", "13800000005", note="替石阿婆办，她的身份证号 522229196111024027"),
)


@dataclass(frozen=True, slots=True)
class App:
    """One mini program as registered with WeChat; `push_key` is its EncodingAESKey, 43 characters."""

    appid: str
    secret: str = field(repr=False)
    push_token: str = field(default="demo-push-token", repr=False)
    push_key: str = field(default="DemoPushKeyOfTheSandbox0000000000000000000A", repr=False)


OURS = App(
    os.environ.get("WECHAT_APPID", "wx0000000000000demo"),
    os.environ.get("WECHAT_SECRET", "demo-wechat-secret"),
    os.environ.get("WECHAT_PUSH_TOKEN", "demo-push-token"),
)
"""The product's mini program; the names of the variables are the product's own, so that one environment serves both."""

ANOTHER = App("wx00000000000another", "demo-secret-of-another-app")
"""A mini program of somebody else, whose codes must be worth nothing to ours."""

APPS = {app.appid: app for app in (OURS, ANOTHER)}

PAGES = ("pages/index/index", "pages/web/web")
"""Pages of the published mini program; `check_path` looks here."""


@dataclass(frozen=True, slots=True)
class Template:
    """A subscribe message: its id and its fields, key (type and number) to label."""

    id: str
    title: str
    fields: dict[str, str]


TEMPLATES = {
    template.id: template
    for template in (
        Template("demo-declare", "健康申报提醒", {"thing1": "提醒事项", "time2": "截止时间", "thing3": "下一步"}),
        Template("demo-colour", "健康码变更通知", {"phrase1": "当前状态", "thing2": "原因", "time3": "变更时间"}),
        Template("demo-trip", "行程通知", {"thing1": "行程", "time2": "时间", "thing3": "说明"}),
    )
}

SMS_KEY = os.environ.get("SMS_KEY", "demo-sms-key")


@dataclass(frozen=True, slots=True)
class Range:
    """Phone numbers that begin alike and behave alike at the SMS provider."""

    prefix: str
    label: str
    refusal: str = ""
    outcome: str = "delivered"
    reason: str = ""


RANGES = (
    Range("1390000", "空号：马上拒绝", refusal="number.unassigned"),
    Range("1391000", "关机：收下，后来报告送不到", outcome="undelivered", reason="phone.off"),
    Range("1392000", "没有回执：收下以后再无消息", outcome="accepted"),
    Range("1393000", "黑名单：马上拒绝", refusal="number.blocked"),
)

RISKY_WORDS = {"赌博": 20002, "代开发票": 21000}
"""Words that the text check refuses, with WeChat's label: 20002 pornography and vice, 21000 other."""

REVIEW_WORDS = {"高薪日结": 10001}
"""Words that the text check hands to a person: 10001 advertising."""
