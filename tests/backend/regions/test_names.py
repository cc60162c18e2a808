import pytest

from backend.regions import names
from backend.regions.names import Kind


@pytest.mark.parametrize(
    ("code", "full", "short", "above"),
    [
        ("520602", "贵州省铜仁市碧江区", "碧江区", "520600"),
        ("520600", "贵州省铜仁市", "铜仁", "520000"),
        ("520000", "贵州省", "贵州", None),
        ("320583", "江苏省苏州市昆山市", "昆山", "320500"),
        ("110101", "北京市东城区", "东城区", "110000"),
        ("500229", "重庆市城口县", "城口", "500000"),
        ("419001", "河南省济源市", "济源", "410000"),
        ("441900", "广东省东莞市", "东莞", "440000"),
        ("659001", "新疆维吾尔自治区石河子市", "石河子", "650000"),
        ("522600", "贵州省黔东南苗族侗族自治州", "黔东南", "520000"),
        ("653000", "新疆维吾尔自治区克孜勒苏柯尔克孜自治州", "克孜勒苏", "650000"),
        ("530925", "云南省临沧市双江拉祜族佤族布朗族傣族自治县", "双江", "530900"),
        ("150000", "内蒙古自治区", "内蒙古", None),
        ("232700", "黑龙江省大兴安岭地区", "大兴安岭", "230000"),
        ("320322", "江苏省徐州市沛县", "沛县", "320300"),
        ("810000", "香港特别行政区", "香港", None),
    ],
)
def test_a_code_has_its_names_and_the_region_above(code: str, full: str, short: str, above: str | None) -> None:
    assert names.full_name(code) == full
    assert names.short_name(code) == short
    assert names.parent(code) == above


@pytest.mark.parametrize(
    ("code", "jurisdiction", "inside"),
    [
        ("520602", "520600", True),
        ("520600", "520600", True),
        ("520602", "520602", True),
        ("520600", "520602", False),
        ("520602", "520000", True),
        ("520602", "100000", True),
        ("419001", "410000", True),
        ("419001", "410900", False),
        ("110101", "110000", True),
        ("320583", "520000", False),
    ],
)
def test_a_jurisdiction_is_a_region_and_all_below_it(code: str, jurisdiction: str, inside: bool) -> None:
    assert names.within(code, jurisdiction) is inside


def test_every_region_lies_within_those_above_it() -> None:
    for province in names.provinces():
        for region in (province, *names.children(province.code)):
            for below in names.children(region.code):
                assert names.within(below.code, region.code)
                assert below.full_name == region.full_name + below.name


def test_there_are_34_provinces_and_every_region_is_reached_from_them() -> None:
    cities = [child for province in names.provinces() for child in names.children(province.code)]
    counties = [child for city in cities for child in names.children(city.code)]

    assert len(names.provinces()) == 34
    assert {r.kind for r in counties} == {Kind.COUNTY}
    assert len(cities) + len(counties) + 34 == sum(not r.replaced_by for r in names._regions().values())


def test_a_replaced_code_keeps_its_name_and_knows_its_successor() -> None:
    assert names.full_name("320684") == "江苏省南通市海门市"
    assert names.current("320684") == "320614"
    assert names.full_name("320614") == "江苏省南通市海门区"
    assert names.current("520602") == "520602"
    assert "320684" not in {r.code for r in names.children("320600")}


def test_a_successor_is_in_force_itself() -> None:
    for region in names._regions().values():
        if region.replaced_by:
            assert not names.get(region.replaced_by).replaced_by


@pytest.mark.parametrize(
    ("code", "known"), [("522201", "贵州省"), ("990101", ""), ("", ""), ("52060", ""), ("５２０６０２", "")]
)
def test_of_an_unknown_code_as_much_is_told_as_is_known(code: str, known: str) -> None:
    assert names.full_name(code) == known
    assert names.find(code) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("铜仁", "520600"),
        ("昆山", "320583"),
        ("昆 山 市", "320583"),
        ("贵州铜仁", "520600"),
        ("贵州省铜仁市碧", "520602"),
        ("铜仁碧江", "520602"),
        ("苏州昆山市", "320583"),
        ("3205", "320500"),
        ("520602", "520602"),
        ("吉林", "220000"),
        ("海门", "320614"),
        ("黔东南", "522600"),
    ],
)
def test_search_finds_what_people_type(typed: str, first: str) -> None:
    assert names.search(typed)[0].code == first


def test_search_is_bounded() -> None:
    assert len(names.search("市", limit=5)) == 5
    assert names.search("  ") == []
    assert names.search("没有这个地方") == []
    assert {r.code[:4] for r in names.search("区", jurisdiction="520600")} == {"5206"}
    assert {r.kind for r in names.search("阳", kinds=frozenset({Kind.CITY}))} == {Kind.CITY}
