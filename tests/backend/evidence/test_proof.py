import json
import sys
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.commitment import Opening
from backend.evidence.merkle import Unproven
from backend.evidence.note import Malformed, Note, PrivateKey, Unsigned, decode64, encode64
from backend.evidence.proof import Proof, dump_opening, load_json, load_opening
from tests.backend.evidence.test_commitment import ID, JSON, SALT
from tests.factories.logs import SEEN, Log, numbered

OPENING = Opening.of(ID, "codes.colour", {"from": "red", "to": "绿", "at": 1.5}, SALT)
AT = 7


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    log = Log(tmp_path_factory.mktemp("log"))
    log.grow([*numbered(AT), OPENING.commitment, *numbered(5)])
    return log


@pytest.fixture(scope="module")
def proof(log):
    return log.prove(AT, OPENING)


def holds(text: str, log: Log) -> bool:
    """Whether a verifier who wants all witnesses accepts a file; what is refused is refused as it should be."""
    try:
        return Proof.parse(text).check(log.policy).witnessed
    except (Malformed, Unsigned, Unproven):
        return False


def test_a_proof_holds_in_both_forms(proof, log):
    for text in (str(proof), proof.dump_json()):
        assert Proof.parse(text) == proof
        agreement = Proof.parse(text).check(log.policy)
        assert agreement.witnessed
        assert agreement.checkpoint.size == 13
        assert agreement.times == {"regulator.test": SEEN, "bank.test": SEEN}


def test_the_text_is_a_tlog_proof(proof):
    head, _, note = str(proof).partition("\n\n")
    header, extra, index, *path = head.split("\n")
    assert header == "c2sp.org/tlog-proof@v1"
    assert json.loads(decode64(extra.removeprefix("extra "))) == {
        "id": str(ID),
        "kind": "codes.colour",
        "salt": encode64(SALT),
        "content": {"from": "red", "to": "绿", "at": 1.5},
    }
    assert index == "index 7"
    assert [decode64(line) for line in path] == list(proof.path)
    assert note == str(proof.checkpoint)


def test_the_json_form_has_the_same_in_fields(proof):
    said = json.loads(proof.dump_json())
    assert said == {
        "format": "linghuo.evidence/proof@1",
        "record": json.loads(dump_opening(OPENING)),
        "index": 7,
        "path": [encode64(each) for each in proof.path],
        "checkpoint": str(proof.checkpoint),
    }


def test_no_byte_of_a_proof_can_change(proof, log):
    content = str(proof).encode()
    for at in range(len(content)):
        for change in (b"", bytes([content[at] ^ 1]), bytes([content[at] ^ 32]), content[at : at + 1] * 2):
            changed = content[:at] + change + content[at + 1 :]
            text = changed.decode(errors="surrogateescape")
            assert changed == content or not holds(text, log), (at, change)


def test_no_byte_of_a_json_proof_can_change_what_it_says(proof, log):
    """White space between fields is nobody's; everything else is."""
    content = proof.dump_json().encode()
    for at in range(len(content)):
        for change in (b"", bytes([content[at] ^ 1]), bytes([content[at] ^ 32]), content[at : at + 1] * 2):
            text = (content[:at] + change + content[at + 1 :]).decode(errors="surrogateescape")
            assert not holds(text, log) or Proof.parse(text) == proof, (at, change)


def test_a_proof_ends_where_it_ends(proof, log):
    for text in (str(proof), proof.dump_json()):
        for cut in range(len(text) - 1):
            assert not holds(text[:cut], log)
    assert not holds(str(proof) + "\n", log)
    assert not holds(proof.dump_json() + "{}", log)


@given(st.data())
def test_of_a_mutilated_proof_nothing_else_is_believed(proof, log, data):
    text = data.draw(st.sampled_from([str(proof), proof.dump_json()]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    text = text[:start] + data.draw(st.text(max_size=20)) + text[end:]
    if holds(text, log):
        assert Proof.parse(text) == proof


@given(st.text())
def test_any_text_is_malformed(text):
    for whole in (text, f"c2sp.org/tlog-proof@v1\n{text}", f'{{"format":"linghuo.evidence/proof@1",{text}}}'):
        with pytest.raises(Malformed):
            Proof.parse(whole)


def test_a_proof_of_another_record_of_the_same_log_is_refused(proof, log):
    other = Opening.of(ID, OPENING.kind, {"from": "red", "to": "red", "at": 1.5}, SALT)
    with pytest.raises(Unproven):
        Proof(proof.index, proof.path, proof.checkpoint, other).check(log.policy)
    with pytest.raises(Unproven):
        Proof(proof.index, proof.path, log.checkpoint(12), OPENING).check(log.policy)


def test_a_proof_of_an_impostor_is_refused(proof, log):
    impostor = PrivateKey.generate(log.key.name, log.key.algorithm)
    text = proof.checkpoint.text
    for note, why in (
        (Note(text, (impostor.sign(text), *proof.checkpoint.signatures[1:])), "not signed"),
        (Note(text, proof.checkpoint.signatures[1:]), "not signed"),
    ):
        with pytest.raises(Unsigned, match=why):
            Proof(proof.index, proof.path, note, OPENING).check(log.policy)


def test_a_proof_with_a_witness_too_few_says_so(proof, log):
    note = Note(proof.checkpoint.text, proof.checkpoint.signatures[:-1])
    agreement = Proof(proof.index, proof.path, note, OPENING).check(log.policy)
    assert not agreement.witnessed
    assert agreement.times == {"regulator.test": SEEN}


def test_without_an_opening_the_commitment_is_asked_for(proof, log):
    bare = Proof.parse(str(Proof(proof.index, proof.path, proof.checkpoint)))
    assert bare.opening is None
    assert bare.check(log.policy, OPENING.commitment).witnessed
    with pytest.raises(Malformed):
        bare.check(log.policy)
    with pytest.raises(Malformed):
        bare.dump_json()


@given(JSON)
def test_openings_are_read_as_they_were_written(content):
    opening = Opening.of(ID, "codes.colour", content, SALT)
    assert load_opening(dump_opening(opening)) == opening


def said(**changed: object) -> bytes:
    opening = {"content": {"a": 1}, "id": str(ID), "kind": "codes.colour", "salt": encode64(SALT)} | changed
    return json.dumps({name: value for name, value in opening.items() if value != ...}, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"\xff",
        b"[" * 100_000,
        b"9" * 100_000,
        said() + b" ",
        said(more=1),
        *(said(**{name: ...}) for name in ("content", "id", "kind", "salt")),
        said(id=str(ID).upper()),
        said(id=str(ID).replace("-", "")),
        said(id=f"{{{ID}}}"),
        said(id=str(UUID(int=0))[:-1]),
        said(id=7),
        said(kind="codes"),
        said(kind=["codes.colour"]),
        said(salt=""),
        said(salt=encode64(SALT[:-1])),
        said(salt=None),
        said().replace(b'{"a":1}', b'{"a":1.0}'),
        said().replace(b'{"a":1}', b'{"a":01}'),
        said().replace(b'{"a":1}', b'{"a":1,"a":1}'),
        said().replace(b'{"a":1}', b'{"b":1,"a":1}'),
        said().replace(b'{"a":1}', b'{"a":NaN}'),
        said().replace(b'{"a":1}', b'{"a":-Infinity}'),
        said().replace(b'{"a":1}', b'{"a":1e999}'),
        said().replace(b'{"a":1}', b'{"a":9007199254740993}'),
        said().replace(b'{"a":1}', b'{"a":"\\ud800"}'),
        said().replace(b'{"a":1}', b'{"a":"\\u0041"}'),
        said().replace(b'{"a":1}', b"[" * 50_000 + b"]" * 50_000),
    ],
)
def test_what_is_no_opening_is_refused(content):
    with pytest.raises(Malformed):
        load_opening(content)


def test_deep_json_is_refused_even_where_somebody_raised_the_limit_of_recursion():
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(200_000)
    try:
        for text in ("[" * 150_000, '{"a":' * 150_000, '["\\"[",' * 101):
            with pytest.raises(Malformed):
                load_json(text)
    finally:
        sys.setrecursionlimit(usual)


def test_the_example_of_an_opening_is_one():
    assert load_opening(said()).canonical == b'{"a":1}'


def test_numbers_are_doubles_as_in_every_browser():
    assert load_json("[1, 9007199254740991, 9007199254740993, 100000000000000000000, -0, 1e2]") == [
        1,
        9_007_199_254_740_991,
        9_007_199_254_740_992.0,
        1e20,
        0,
        100.0,
    ]
    for text in ("9" * 400, "[1" + "0" * 400 + "]"):
        assert "inf" in str(load_json(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"index": 7', '"index": "7"'),
        ('"index": 7', '"index": 7.0'),
        ('"index": 7', '"index": -7'),
        ('"index": 7', '"index": true'),
        ('"index": 7', '"index": 1e400'),
        ('"index": 7', '"index": 7, "index": 7'),
        ('"index": 7', '"index": 9007199254740993'),
        ('"path": [', '"path": [7,'),
        ('"path": [', '"path": ["",'),
        ('"path": [', '"path": {"a": ['),
        ('"checkpoint": "', '"checkpoint": "\\ud800'),
        ('"checkpoint": "', '"checkpoint": 7, "other": "'),
        ("proof@1", "proof@2"),
    ],
)
def test_what_is_no_proof_in_json_is_refused(proof, old, new):
    text = proof.dump_json()
    assert old in text
    with pytest.raises(Malformed):
        Proof.parse(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("@v1\n", "@v1\r\n"),
        ("extra ", "extra  "),
        ("extra ", "extra\n"),
        ("extra ", "extra \nextra "),
        ("index 7", "index 07"),
        ("index 7", "index +7"),
        ("index 7", "index ７"),
        ("index 7", "index 7 "),
        ("index 7", "index " + "7" * 20),
        ("index 7", "index 7\nindex 7"),
        ("index 7\n", ""),
        ("index 7", "index 7\n" + "\n".join([encode64(bytes(32))] * 60)),
        ("index 7", "index 7\nAAAA"),
    ],
)
def test_what_is_no_proof_in_text_is_refused(proof, old, new):
    text = str(proof)
    assert old in text
    with pytest.raises(Malformed):
        Proof.parse(text.replace(old, new, 1))
