import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import EMPTY_ROOT
from backend.evidence.note import Malformed

# The example of C2SP tlog-checkpoint.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_example_of_the_specification_is_read():
    checkpoint = Checkpoint.parse(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.text == EXAMPLE


def test_extension_lines_are_somebody_elses():
    assert Checkpoint.parse(EXAMPLE + "more\n") == Checkpoint.parse(EXAMPLE)


@given(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_every_checkpoint_is_read_as_it_was_written(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_an_empty_log_has_a_checkpoint():
    text = "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert Checkpoint.parse(text) == Checkpoint("o", 0, EMPTY_ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        EXAMPLE[:-1],
        EXAMPLE + "\n",
        EXAMPLE + "more",
        EXAMPLE + "\nmore\n",
        "\n" + EXAMPLE,
        EXAMPLE.replace("example.com/behind-the-sofa", ""),
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "+20852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", "2085 2163"),
        EXAMPLE.replace("20852163", "2_0"),
        EXAMPLE.replace("20852163", "２０"),
        EXAMPLE.replace("20852163", "20852163\r"),
        EXAMPLE.replace("20852163", str(2**63)),
        EXAMPLE.replace("20852163", "9" * 5000),
        EXAMPLE.replace("q2I=", "q2J="),
        EXAMPLE.replace("q2I=", "q2I"),
        EXAMPLE.replace("CsUY", ""),
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


@given(st.one_of(st.text(), st.builds(EXAMPLE.replace, st.text("20852163\n", min_size=1), st.text())))
def test_any_text_is_a_checkpoint_written_in_one_way_or_malformed(text):
    try:
        checkpoint = Checkpoint.parse(text)
    except Malformed:
        return
    assert text.startswith(checkpoint.text)
