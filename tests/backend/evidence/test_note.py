import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.note import (
    MOST_SIGNATURES,
    Algorithm,
    Malformed,
    Note,
    PrivateKey,
    PublicKey,
    Signature,
    Unsigned,
    decode64,
    encode64,
)

# The example of C2SP signed-note.
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
EXAMPLE = f"{TEXT}\n{LINE}\n"
# The example of C2SP tlog-cosignature.
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/\
Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+\
mbIUBkBIfZ+qnA==
"""
# A key of golang.org/x/mod/sumdb/note: the example of its documentation.
GO_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

NAMES = st.text(
    st.characters(exclude_characters="+", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20
)
LOG = PrivateKey.generate("log.test", Algorithm.LOG)
WITNESS = PrivateKey.generate("witness.test", Algorithm.COSIGNATURE)


def test_the_example_of_the_specification_is_signed():
    note = Note.parse(EXAMPLE)
    assert note.signed_by(PublicKey.parse(KEY)) == note.signatures[0]
    assert str(note) == EXAMPLE
    assert str(PublicKey.parse(KEY)) == KEY


@pytest.mark.parametrize("text", ["this is an example message.\n", TEXT + "more\n", "\n" + TEXT, TEXT + "\n"])
def test_the_example_with_another_text_is_not(text):
    with pytest.raises(Unsigned):
        Note.parse(f"{text}\n{LINE}\n").signed_by(PublicKey.parse(KEY))


def test_a_cosignature_carries_its_time():
    _, cosignature = Note.parse(COSIGNED).signatures
    assert cosignature.name == "witness.example.com/w1"
    assert cosignature.time == 1_679_315_147


def test_keys_of_go_are_read_and_written():
    key = PrivateKey.parse(GO_KEY)
    assert key.dump() == GO_KEY
    assert str(key.public) == GO_PUBLIC
    assert "AYEK" not in repr(key)


@given(NAMES, st.sampled_from(Algorithm))
def test_every_key_is_read_as_it_was_written(name, algorithm):
    key = PrivateKey.generate(name, algorithm)
    assert PrivateKey.parse(key.dump()) == key
    assert PublicKey.parse(str(key.public)) == key.public


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(0, 2**63 - 1))
def test_every_text_can_be_signed_and_cosigned(body, time):
    text = body + "\n"
    note = Note.parse(str(Note(text, (LOG.sign(text), WITNESS.cosign(text, time)))))
    assert note.text == text
    assert note.signed_by(LOG.public)
    signed = note.signed_by(WITNESS.public)
    assert signed
    assert signed.time == time


def test_a_text_ends_at_the_last_empty_line():
    text = "one\n\n— not.a signature\n\ntwo\n"
    assert Note.parse(str(Note(text, (LOG.sign(text),)))).text == text


def test_signatures_of_unknown_keys_are_passed_over():
    stranger = Signature("log.test", b"\1\2\3\4", b"whatever")
    other_name = Signature("other.test", LOG.public.id, b"whatever")
    note = Note(TEXT, (stranger, other_name, LOG.sign(TEXT)))
    assert note.signed_by(LOG.public) == note.signatures[2]
    assert Note(TEXT, (stranger, other_name)).signed_by(LOG.public) is None


def test_every_signature_of_a_known_key_must_hold():
    false = Signature("log.test", LOG.public.id, b"\0" * 64)
    for signatures in ((LOG.sign(TEXT), false), (false, LOG.sign(TEXT))):
        with pytest.raises(Unsigned, match="false signature"):
            Note(TEXT, signatures).signed_by(LOG.public)


@pytest.mark.parametrize("content", [b"\0", b"\0" * 8, b"\0" * 63, b"\0" * 64, b"\0" * 71, b"\0" * 72, b"\0" * 5000])
def test_signatures_of_any_length_are_false_rather_than_an_accident(content):
    for key in (LOG.public, WITNESS.public):
        with pytest.raises(Unsigned):
            Note(TEXT, (Signature(key.name, key.id, content),)).signed_by(key)


def test_a_log_signature_is_no_cosignature_and_the_other_way_round():
    for key, algorithm in ((LOG, Algorithm.COSIGNATURE), (WITNESS, Algorithm.LOG)):
        other = PrivateKey(key.name, algorithm, key.seed)
        assert other.public.id != key.public.id
    with pytest.raises(ValueError, match="no key for COSIGNATURE"):
        LOG.cosign(TEXT, 1)
    with pytest.raises(ValueError, match="no key for LOG"):
        WITNESS.sign(TEXT)


def test_a_cosignature_of_another_time_is_false():
    signed = WITNESS.cosign(TEXT, 1000)
    moved = Signature(signed.name, signed.key_id, (1001).to_bytes(8, "big") + signed.content[8:])
    with pytest.raises(Unsigned):
        Note(TEXT, (moved,)).signed_by(WITNESS.public)


def test_a_time_past_63_bits_is_refused():
    with pytest.raises(Unsigned, match="after all times"):
        Note(TEXT, (WITNESS.cosign(TEXT, 2**63),)).signed_by(WITNESS.public)


def test_newer_signatures_replace_those_of_the_same_key():
    old, new = WITNESS.cosign(TEXT, 1), WITNESS.cosign(TEXT, 2)
    note = Note(TEXT, (LOG.sign(TEXT), old)).with_signatures([new])
    assert note.signatures == (LOG.sign(TEXT), new)


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "Q Q=", "QQ==\n", " QQ==", "QQ===", "QQ==QQ==", "=QQ=", "_-8=", "中"]
)
def test_base64_has_one_form(text):
    with pytest.raises(Malformed):
        decode64(text)


@given(st.text(max_size=12))
def test_what_reads_as_base64_is_what_base64_writes(text):
    try:
        content = decode64(text)
    except Malformed:
        return
    assert base64.b64encode(content).decode() == text == encode64(content)


SPACES = "\t \u0085\u00a0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000\x1c\x00"


@pytest.mark.parametrize("space", [*SPACES, "+", "\ud800"])
def test_names_hold_no_space_of_unicode_and_no_plus(space):
    name = f"log{space}test"
    with pytest.raises(Malformed):
        PrivateKey.generate(name, Algorithm.LOG)
    if space == "\ud800":
        return
    public = PublicKey(name, Algorithm.LOG, LOG.public.raw)
    for parse, text in ((PublicKey.parse, str(public)), (PrivateKey.parse, f"PRIVATE+KEY+{public}")):
        with pytest.raises(Malformed):
            parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY.replace("530d903a", "530D903A"),
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("foo", "fool"),
        KEY.replace("+Aeky", "+Beky"),
        KEY + "A",
        KEY[:-1],
        KEY + "+",
        KEY + "\n",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a",
    ],
)
def test_keys_that_are_not_themselves_are_refused(text):
    with pytest.raises(Malformed):
        PublicKey.parse(text)
    with pytest.raises(Malformed):
        PrivateKey.parse("PRIVATE+KEY+" + text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT,
        TEXT + "\n",
        TEXT + LINE + "\n",
        EXAMPLE[:-1],
        EXAMPLE.replace("— ", "- "),
        EXAMPLE.replace("— ", "—"),
        EXAMPLE.replace(" Uw2", "  Uw2"),
        EXAMPLE.replace("foo", "f+o"),
        EXAMPLE.replace("foo", "f\u3000o"),
        EXAMPLE.replace("\n", "\r\n"),
        EXAMPLE.replace("This", "\x07This"),
        EXAMPLE.replace("This", "\ud800This"),
        EXAMPLE.replace("aQM=", "aQN="),
        EXAMPLE.replace("aQM=", "aQM"),
        EXAMPLE + "more",
        f"{TEXT}\n— example.com/foo Uw2QOg==\n",
    ],
)
def test_what_is_no_signed_note_is_refused(text):
    with pytest.raises(Malformed):
        Note.parse(text)


def test_a_note_has_no_end_of_signatures():
    assert len(Note.parse(f"{TEXT}\n" + f"{LINE}\n" * 16).signatures) == 16
    with pytest.raises(Malformed, match="too many"):
        Note.parse(f"{TEXT}\n" + f"{LINE}\n" * (MOST_SIGNATURES + 1))


MUTATED = st.builds(
    lambda text, at, length, put: text[: at % len(text)] + put + text[at % len(text) + length :],
    st.sampled_from([EXAMPLE, COSIGNED]),
    st.integers(0, 1000),
    st.integers(0, 5),
    st.text(max_size=5),
)


@given(st.one_of(st.text(), MUTATED))
def test_any_text_is_a_note_written_in_one_way_or_malformed(text):
    try:
        note = Note.parse(text)
    except Malformed:
        return
    assert str(note) == text


@given(
    st.one_of(
        st.text(),
        st.builds(lambda text: KEY[:20] + text, st.text()),
        st.builds(KEY.replace, st.text("530d9a", min_size=1), st.text()),
    )
)
def test_any_text_is_a_key_written_in_one_way_or_malformed(text):
    for parse in (PublicKey.parse, PrivateKey.parse):
        try:
            key = parse(text)
        except Malformed:
            continue
        assert str(key) == text
