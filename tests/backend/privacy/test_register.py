"""Every table belongs to a kind of data, and is erased as its kind says."""

from pathlib import Path

import pytest

from backend.core.db import Base
from backend.core.features import DataKind, Way, load
from backend.privacy import document, queries
from backend.privacy.rules import kind_of, period

ROOT = Path(__file__).parents[3]
WHAT_TO_DO = (
    " has no kind of data: name it in `tables` of a DataKind in its context's data.py, with its basis, days and way of"
    " erasure, then run `flask privacy document > PRIVACY.md`"
)


@pytest.fixture
def kinds(app) -> list[DataKind]:
    del app
    return queries.list_kinds()


def test_every_table_belongs_to_a_kind(kinds):
    for table in Base.metadata.tables.values():
        assert kind_of(table.fullname, kinds) is not None, table.fullname + WHAT_TO_DO


def test_a_table_is_kept_as_long_as_its_kind_says(kinds):
    for table in Base.metadata.tables.values():
        kind = kind_of(table.fullname, kinds)
        assert kind is not None
        if kind.way is Way.PARTITIONS or "daily" in table.info:
            assert (kind.way, kind.days) == (Way.PARTITIONS, table.info.get("daily")), table.fullname
        if kind.way is Way.ROWS or "aged" in table.info:
            column, days = table.info["aged"]
            assert column in table.columns
            assert (kind.way, kind.days) == (Way.ROWS, days), table.fullname


def test_a_kind_is_whole(kinds):
    names = [kind.name for kind in kinds]
    assert len(names) == len(set(names))
    for kind in kinds:
        assert kind.title, kind.name
        assert kind.what, kind.name
        assert kind.basis.startswith("《"), kind.name
        assert (kind.days is None) == (kind.way is Way.LASTING), kind.name
        assert bool(kind.kept) == (kind.way is Way.LASTING), kind.name
        assert bool(kind.erase) == (kind.way is Way.OWN), kind.name
        assert period(kind), kind.name
        if kind.erase:
            assert callable(load(kind.erase))
        for table in kind.tables:
            assert table.endswith(".*") or table in Base.metadata.tables, f"{kind.name} names {table}, which is gone"


def test_no_table_belongs_to_two_kinds(kinds):
    named = [table for kind in kinds for table in kind.tables]
    assert len(named) == len(set(named))


def test_a_kind_that_names_a_table_goes_before_one_that_takes_the_schema():
    all_of_it = DataKind("a.all", "", "", ("a.*",), "", Way.LASTING)
    one = DataKind("a.one", "", "", ("a.one",), "", Way.ROWS, 7)
    assert kind_of("a.one", [one, all_of_it]) is one
    assert kind_of("a.two", [one, all_of_it]) is all_of_it
    assert kind_of("b.one", [one, all_of_it]) is None


def test_the_document_says_what_the_code_does(kinds):
    written = (ROOT / "PRIVACY.md").read_text(encoding="utf-8")
    assert written == document.markdown(kinds), "run: flask --app wsgi privacy document > PRIVACY.md"


def test_anybody_reads_what_is_kept_for_how_long(client, kinds):
    page = client.get("/privacy")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for kind in kinds:
        assert kind.title in text
        assert period(kind) in text
