import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.note import Algorithm, Malformed, Note, PrivateKey, Signature, Unsigned
from backend.evidence.policy import Policy, Witness

TEXT = "log.test\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG = PrivateKey.generate("log.test", Algorithm.LOG)
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {name: PrivateKey.generate(f"{name}.test", Algorithm.COSIGNATURE) for name in NAMES}
# The example of C2SP tlog-policy.
EXAMPLE = f"""log {LOG.public}

witness X1 {KEYS["X1"].public}
witness X2 {KEYS["X2"].public}
witness X3 {KEYS["X3"].public}
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS["Y1"].public}
witness Y2 {KEYS["Y2"].public}
witness Y3 {KEYS["Y3"].public}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@given(st.sets(st.sampled_from(NAMES)))
def test_the_example_asks_for_two_of_x_and_one_of_y(names):
    enough = sum(name.startswith("X") for name in names) >= 2 and any(name.startswith("Y") for name in names)
    assert Policy.parse(EXAMPLE).is_met_by(names) == enough


@given(st.sets(st.sampled_from(NAMES)))
def test_those_who_cosigned_are_found_with_their_times(names):
    note = Note(TEXT, (LOG.sign(TEXT), *(KEYS[name].cosign(TEXT, 1000 + at) for at, name in enumerate(sorted(names)))))
    policy = Policy.parse(EXAMPLE)

    agreement = policy.check(note)

    assert agreement.checkpoint.size == 3
    assert agreement.times == {name: 1000 + at for at, name in enumerate(sorted(names))}
    assert agreement.witnessed == policy.is_met_by(names)


def test_names_of_groups_and_strangers_dont_count_as_agreement():
    assert not Policy.parse(EXAMPLE).is_met_by(["X-and-Y", "X-witnesses", "Y1", "Z"])


def test_quorum_none_asks_for_nobody_and_a_single_witness_can_be_the_quorum():
    assert Policy.parse("quorum none").is_met_by([])
    single = Policy.parse(f"witness X1 {KEYS['X1'].public}\nquorum X1")
    assert single.is_met_by(["X1"])
    assert not single.is_met_by([])


def test_spaces_tabs_comments_and_addresses():
    text = f"\t # log\n \t\n\tlog \t {LOG.public} http://127.0.0.1/log \n witness X1\t{KEYS['X1'].public} http://a/b\nquorum\tX1"
    policy = Policy.parse(text)
    assert policy.logs == (LOG.public,)
    assert policy.witnesses == (Witness("X1", KEYS["X1"].public, "http://a/b"),)


@pytest.mark.parametrize(
    "names", [("K", "\u212a"), ("税务局", "税务局\u00a0"), ("a\u3000b", "a"), ("e\u0301", "\u00e9")]
)
def test_names_are_opaque(names):
    one, other = names
    text = f"witness {one} {KEYS['X1'].public}\nwitness {other} {KEYS['X2'].public}\nquorum {one}"
    policy = Policy.parse(text)
    assert [each.name for each in policy.witnesses] == [one, other]
    assert not policy.is_met_by([other])


def test_32_of_each_are_read():
    keys = [PrivateKey.generate(f"{number}.test", Algorithm.COSIGNATURE).public for number in range(32)]
    logs = [f"log {PrivateKey.generate(f'{number}.test', Algorithm.LOG).public}" for number in range(32)]
    witnesses = [f"witness w{number} {key}" for number, key in enumerate(keys)]
    groups = [f"group g{number} any w{number} {'' if number == 0 else f'g{number - 1}'}" for number in range(32)]
    policy = Policy.parse("\n".join([*logs, *witnesses, *groups, "quorum g31"]))
    assert policy.is_met_by(["w0"])
    assert not policy.is_met_by([])


W1 = f"witness X1 {KEYS['X1'].public}\n"
W2 = f"witness X2 {KEYS['X2'].public}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# quorum none",
        "quorum none\nquorum none",
        "quorum X1",
        "quorum",
        "quorum none X1",
        W1 + "quorum x1",
        W1 + W1 + "quorum X1",
        W1 + W1.replace("X1 ", "X2 ") + "quorum X1",
        W1 + W2.replace("X2 ", "X1 ") + "quorum X1",
        W1.replace("X1 ", "none ") + "quorum none",
        "group none any X1\nquorum none",
        f"witness X1 {LOG.public}\nquorum X1",
        f"log {KEYS['X1'].public}\nquorum none",
        f"log {LOG.public}\nlog {LOG.public}\nquorum none",
        f"log {LOG.public} a b\nquorum none",
        "log\nquorum none",
        "witness X1\nquorum none",
        W1 + "group g 0 X1\nquorum g",
        W1 + "group g 2 X1\nquorum g",
        W1 + "group g 01 X1\nquorum g",
        W1 + "group g +1 X1\nquorum g",
        W1 + "group g 1_0 X1\nquorum g",
        W1 + "group g １ X1\nquorum g",
        W1 + "group g 99999999999999999999 X1\nquorum g",
        W1 + "group g any\nquorum g",
        W1 + "group g any X1 X1\nquorum g",
        W1 + "group g any X2\nquorum g",
        W1 + "group g any g\nquorum g",
        W1 + "group g any none\nquorum g",
        W1 + "group g any X1\ngroup h any X1\nquorum g",
        W1 + "group X1 any X1\nquorum X1",
        W1 + "group g any h\ngroup h any X1\nquorum g",
        W1 + "Quorum X1",
        W1 + "quorum X1\r",
        W1 + "quorum X1\x00",
        W1 + "quorum X1\x7f",
        W1 + "quorum X1\u00a0",
        W1 + "# \ud800\nquorum X1",
        W1.replace(" X1", "\u3000X1") + "quorum none",
    ],
)
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(Malformed):
        Policy.parse(text)


def test_the_wrong_line_is_named():
    with pytest.raises(Malformed, match="line 2"):
        Policy.parse("# all is well\nlog nonsense\nquorum none")


def test_a_log_that_changes_its_key_is_listed_with_both():
    new = PrivateKey.generate("log.test", Algorithm.LOG)
    policy = Policy.parse(f"log {LOG.public}\nlog {new.public}\nquorum none")
    for keys in ((LOG,), (new,), (LOG, new)):
        assert policy.check(Note(TEXT, tuple(key.sign(TEXT) for key in keys))).witnessed
    with pytest.raises(Unsigned, match="false"):
        policy.check(Note(TEXT, (LOG.sign(TEXT), new.sign("other"))))


def test_unknown_and_unsigned_logs_are_refused():
    policy = Policy.parse(EXAMPLE)
    other = TEXT.replace("log.test", "other.test")
    cosigned = tuple(KEYS[name].cosign(TEXT, 1) for name in NAMES)
    for note, why in (
        (Note(other, (LOG.sign(other),)), "unknown log"),
        (Note(TEXT, cosigned), "not signed"),
        (Note(TEXT, (LOG.sign(other), *cosigned)), "false signature"),
        (Note(TEXT, (LOG.sign(TEXT), Signature("X1.test", KEYS["X1"].public.id, b"0" * 72))), "false signature"),
    ):
        with pytest.raises(Unsigned, match=why):
            policy.check(note)
    with pytest.raises(Malformed):
        policy.check(Note("no checkpoint\n", (LOG.sign("no checkpoint\n"),)))


LINES = st.sampled_from([*EXAMPLE.split("\n"), "quorum none", "group g all X1 Y1", "log x", "witness"])


@given(
    st.one_of(
        st.text(),
        st.lists(LINES).map("\n".join),
        st.builds(EXAMPLE.replace, st.text("XY123 \n", min_size=1), st.text()),
    )
)
def test_any_text_is_a_policy_or_malformed(text):
    try:
        policy = Policy.parse(text)
    except Malformed:
        return
    assert policy.is_met_by(each.name for each in policy.witnesses)
