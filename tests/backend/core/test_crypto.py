import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.core.crypto import KeyRing, Sealed, blind_index, seal, unseal

PLACE = "accounts.person.name"
INDEX = "index-key"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(app, text):
    del app
    assert unseal(seal(text, PLACE)) == text


@pytest.mark.usefixtures("app")
def test_a_value_moved_to_another_column_does_not_open():
    moved = Sealed(seal("杨秀英", PLACE).blob, "accounts.person.resident_id")
    with pytest.raises(ValueError, match="altered"):
        unseal(moved)


@pytest.mark.usefixtures("app")
def test_a_changed_byte_does_not_open():
    blob = bytearray(seal("杨秀英", PLACE).blob)
    blob[-1] ^= 1
    with pytest.raises(ValueError, match="altered"):
        unseal(Sealed(bytes(blob), PLACE))


def test_an_old_key_opens_after_rotation_and_a_dropped_one_is_named():
    old = KeyRing("k1:first", INDEX)
    blob = old.seal("杨秀英", PLACE)
    rotated = KeyRing("k2:second,k1:first", INDEX)
    assert rotated.unseal(blob, PLACE) == "杨秀英"
    assert Sealed(rotated.seal("杨秀英", PLACE), PLACE).key_id == "k2"
    with pytest.raises(LookupError, match="k1"):
        KeyRing("k2:second", INDEX).unseal(blob, PLACE)


@pytest.mark.usefixtures("app")
def test_a_blind_index_is_equal_for_equal_texts_of_one_purpose_only():
    assert blind_index("522201", "resident_id") == blind_index("522201", "resident_id")
    assert blind_index("522201", "resident_id") != blind_index("522201", "phone")


@pytest.mark.usefixtures("app")
def test_a_sealed_value_shows_nothing_of_itself():
    assert "杨" not in repr(seal("杨秀英", PLACE))
