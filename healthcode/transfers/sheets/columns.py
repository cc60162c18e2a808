"""The columns of a roster, and the headings that clerks write over them."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Column(StrEnum):
    """What a roster says about one worker, in the order of the usual form."""

    SERIAL = "serial"
    NAME = "name"
    SEX = "sex"
    RESIDENT_ID = "resident_id"
    ADDRESS = "address"
    PHONE = "phone"
    POOR = "poor"
    SKILLS = "skills"
    ENTERPRISE = "enterprise"
    POSITION = "position"
    DEPARTS_AT = "departs_at"
    MODE = "mode"
    VEHICLE = "vehicle"
    SEAT = "seat"


COLUMNS = tuple(Column)
NEEDED = (Column.NAME, Column.RESIDENT_ID)

TITLES = {
    Column.SERIAL: "序号",
    Column.NAME: "姓名",
    Column.SEX: "性别",
    Column.RESIDENT_ID: "身份证号",
    Column.ADDRESS: "户籍地址",
    Column.PHONE: "联系电话",
    Column.POOR: "是否建档立卡贫困户",
    Column.SKILLS: "技能",
    Column.ENTERPRISE: "用工企业",
    Column.POSITION: "岗位",
    Column.DEPARTS_AT: "出发时间",
    Column.MODE: "交通方式",
    Column.VEHICLE: "车次/车牌",
    Column.SEAT: "座位号",
}

_SYNONYMS = {
    Column.SERIAL: "序号 编号 序列 序列号 顺序号 行号 NO NO. 号",
    Column.NAME: (
        "姓名 名字 人员姓名 务工人员姓名 务工者姓名 劳动者姓名 员工姓名 乘客姓名 乘车人 乘车人姓名 本人姓名 人员名单"
    ),
    Column.SEX: "性别",
    Column.RESIDENT_ID: (
        "身份证号 身份证号码 身份证 公民身份号码 公民身份证号 公民身份证号码 居民身份证号 居民身份证号码 居民身份证 "
        "证件号 证件号码 身份号码 有效证件号码 有效身份证件号码 身份证件号码 身份证件号 身份证编号"
    ),
    Column.ADDRESS: (
        "户籍地址 户籍所在地 户籍地 户籍 户籍详细地址 户籍住址 户口所在地 户口地址 籍贯地址 户籍所在乡镇 "
        "家庭住址 家庭地址 家庭详细地址 家庭详细住址 住址 地址 详细地址 详细住址 身份证地址 身份证住址"
    ),
    Column.PHONE: (
        "联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 联系手机 联系号码 本人电话 本人联系电话 "
        "本人联系方式 本人手机号 移动电话 联系电话号码"
    ),
    Column.POOR: (
        "是否建档立卡贫困户 建档立卡贫困户 是否贫困户 是否建档立卡 建档立卡户 建档立卡 贫困户 是否建档立卡户 "
        "是否为贫困户 是否为建档立卡贫困户 是否为建档立卡户 是否贫困人口 是否建档立卡贫困人口 建档立卡贫困人口 "
        "建档立卡贫困劳动力 是否建档立卡贫困劳动力 是否贫困劳动力 贫困劳动力 贫困人口 是否脱贫户 是否脱贫人口"
    ),
    Column.SKILLS: "技能 工种 技能特长 技能工种 职业技能 技术工种 特长 掌握技能 技能情况 专业技能 从业技能",
    Column.ENTERPRISE: (
        "用工企业 企业 企业名称 单位 单位名称 用工单位 用工单位名称 用工企业名称 用人单位 用人单位名称 "
        "务工企业 务工单位 务工企业名称 务工单位名称 工作单位 就业单位 就业企业 接收企业 接收单位 "
        "公司 公司名称 输入企业 目的企业"
    ),
    Column.POSITION: "岗位 岗位名称 工作岗位 职位 从事岗位 就业岗位 用工岗位 务工岗位 拟从事岗位 从事工种",
    Column.DEPARTS_AT: (
        "出发时间 发车时间 出发日期 发车日期 乘车时间 乘车日期 启程时间 启程日期 起程时间 开车时间 出行时间 "
        "出行日期 计划出发时间 预计出发时间 拟出发时间 出发日期时间 出发日期及时间 动身时间 出发时刻 发车时刻 "
        "外出时间 返岗时间"
    ),
    Column.MODE: "交通方式 乘车方式 出行方式 交通工具 乘坐交通工具 出行工具 运输方式 返岗方式 乘坐方式",
    Column.VEHICLE: (
        "车次/车牌 车次车牌 车牌号 车次 车牌 车牌号码 车次/车牌号 车次或车牌 车次或车牌号 车牌/车次 车牌号/车次 "
        "车辆号牌 车号 乘坐车次 列车车次 车次/航班 车次/航班号 车次/航班/车牌 航班号 班次 乘坐车辆 包车车牌"
    ),
    Column.SEAT: "座位号 座位 座号 座次 座位编号 座位号码 座席号 席位号 坐位 坐位号",
}
_BY_HEADING = {
    heading.replace("/", "").replace("或", ""): column
    for column, headings in _SYNONYMS.items()
    for heading in headings.upper().split()
}
_SPACE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|\{[^{}]*\}|<[^<>]*>")
_MARKS = "*※★☆▲△●◆#:;.。、,|/\\_-·—~'\"“”‘’"
_NOTES = re.compile(r"(?:必填项?|选填项?|必录|18位|十八位|11位|十一位|下拉选择|请选择|文本格式).*$")
_ID_BUT = re.compile(r"照|复印|正面|反面|有效期|地址|住址|类型|签发")
LONGEST_HEADING = 60  # characters; a longer text in a header row is a note


def tidy_heading(cell: object) -> str:
    """A heading without spaces, line breaks, stars, brackets and what stands in them; "" for what is no text."""
    if not isinstance(cell, str) or len(cell) > LONGEST_HEADING:
        return ""
    text = _SPACE.sub("", unicodedata.normalize("NFKC", cell)).upper()
    bare = _BRACKETS.sub("", text).strip(_MARKS)
    return bare or text.strip(_MARKS + "()[]【】〔〕{}<>")


@lru_cache(maxsize=4096)
def recognise(heading: str) -> Column | None:
    """The column that a tidy heading names, or None for one that a roster doesn't need."""
    text = heading.replace("/", "").replace("、", "").replace("或", "")
    column = _BY_HEADING.get(text) or _BY_HEADING.get(_NOTES.sub("", text))
    if column is None and "身份证号" in text and not _ID_BUT.search(text):
        return Column.RESIDENT_ID
    if column is None and text.startswith(("是否", "建档立卡")) and "贫困" in text:
        return Column.POOR
    return column


def spelled(columns: list[Column] | tuple[Column, ...]) -> str:
    """Columns by their usual Chinese titles, for a sentence."""
    return "、".join(TITLES[column] for column in columns)
