"""What the provinces call their own health codes."""

from backend.regions import names

CODE_NAMES = {
    "110000": "健康宝",
    "310000": "随申码",
    "320000": "苏康码",
    "340000": "安康码",
    "350000": "八闽健康码",
    "360000": "赣通码",
    "440000": "粤康码",
    "500000": "渝康码",
    "510000": "天府健康通",
    "610000": "一码通",
}
PLAIN = "健康码"


def code_name(province: str) -> str:
    """320000 is 江苏省苏康码."""
    return names.get(province).name + CODE_NAMES.get(province, PLAIN)


def province_of(region_code: str) -> str:
    """320583 lies in 320000."""
    return f"{region_code[:2]}0000"
