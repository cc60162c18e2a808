"""乘客信息登记表: the list that travels with the driver, and the same signed by whoever took the people over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.graphics.shapes import Drawing, PolyLine
from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from backend.core.clock import shown
from backend.core.pdf import HEADING, LINE, TEXT, TITLE, document, table, text
from healthcode.transfers.handover import HEIGHT, WIDTH, Strokes

NAME = "乘客信息登记表"
HEADINGS = ("序号", "姓名", "性别", "身份证后四位", "座位", "用工企业", "上车时间", "最近体温", "接收情况")
WIDTHS = (11, 22, 10, 18, 12, 38, 24, 16, 31)  # millimetres, 182 in all
SIGNATURE = 60 * mm
ORIGINAL = "含个人信息，仅限本次输送使用，不得外传；签收原件，每次下载都有记录"


@dataclass(frozen=True, slots=True)
class Line:
    """One passenger."""

    number: int
    name: str
    sex: str
    last_four: str
    seat: str
    enterprise: str
    boarded_at: datetime | None
    temperature: int | None
    """Tenths of a degree Celsius."""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who took the people over, with which signature."""

    name: str
    employer: str
    at: datetime
    strokes: Strokes
    counts: str
    note: str


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on the form."""

    title: str
    origin: str
    destination: str
    vehicle: str
    carrier: str
    crew: str
    leaders: str
    departs: str
    lines: Sequence[Line]
    as_of: datetime


def passenger_form(form: Form, mark: str, signed: Signed | None = None) -> bytes:
    """The PDF; without a signature there is room to sign by hand."""
    facts = [
        f"输送：{form.title}（{form.origin} 至 {form.destination}）",
        f"车辆：{form.vehicle or '未定'}　承运：{form.carrier or '未填'}　驾驶员、随车人员：{form.crew or '未填'}",
        f"发车：{form.departs}　车长、副车长：{form.leaders or '未定'}",
        f"名单 {len(form.lines)} 人，截至 {shown(form.as_of)}",
    ]
    parts: list[Flowable] = [text(NAME, TITLE), *(text(fact) for fact in facts), Spacer(0, 3 * mm)]
    parts.append(table(HEADINGS, [_cells(line) for line in form.lines], WIDTHS))
    parts.append(KeepTogether(_signature(signed) if signed else _by_hand()))
    return document(parts, title=f"{NAME}-{form.vehicle}", mark=mark)


def _cells(line: Line) -> list[object]:
    return [
        line.number,
        line.name,
        line.sex,
        line.last_four,
        line.seat,
        line.enterprise,
        shown(line.boarded_at)[5:] if line.boarded_at else "",
        f"{line.temperature / 10} ℃" if line.temperature else "",
        line.answer,
    ]


def _by_hand() -> list[Flowable]:
    lines = [
        "接收单位：＿＿＿＿＿＿＿＿＿＿＿＿　接到人数：＿＿＿＿　没有接到（序号）：＿＿＿＿＿＿＿＿＿＿",
        "接收人签名：＿＿＿＿＿＿＿＿＿＿　联系电话：＿＿＿＿＿＿＿＿＿＿　时间：＿＿＿＿年＿＿月＿＿日＿＿时＿＿分",
    ]
    return [text("交接", HEADING), *(part for line in lines for part in (Spacer(0, 3 * mm), text(line)))]


def _signature(signed: Signed) -> list[Flowable]:
    told = [
        text("交接", HEADING),
        text(signed.counts),
        text(f"接收单位：{signed.employer}　接收人：{signed.name}　签收时间：{shown(signed.at)}"),
    ]
    if signed.note:
        told.append(text(f"说明：{signed.note}"))
    return [*told, Spacer(0, 2 * mm), text("接收人签名（在接收人手机上签写）：", TEXT), _drawn(signed.strokes)]


def _drawn(strokes: Strokes) -> Drawing:
    scale = SIGNATURE / WIDTH
    drawing = Drawing(SIGNATURE, HEIGHT * scale)
    corners = [0, 0, SIGNATURE, 0, SIGNATURE, HEIGHT * scale, 0, HEIGHT * scale, 0, 0]
    drawing.add(PolyLine(corners, strokeColor=LINE, strokeWidth=0.4))
    for stroke in strokes:
        points = [part for x, y in stroke for part in (x * scale, (HEIGHT - y) * scale)]
        # A dot is a line of no length, which round ends make visible.
        drawing.add(
            PolyLine(points * (1 if len(stroke) > 1 else 2), strokeColor=colors.black, strokeWidth=1.2, strokeLineCap=1)
        )
    return drawing
