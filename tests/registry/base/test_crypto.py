"""Sealed values open with the keys and for their purpose only; indexes find without showing."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.crypto import UnreadableValue, Vault
from tests.sealing import sealed_unbound

OLD, NEW, INDEX = b"a" * 32, b"b" * 32, b"i" * 32
VAULT = Vault({"new": NEW, "old": OLD}, INDEX)


@given(some.text())
def test_what_was_sealed_opens(value: str) -> None:
    assert VAULT.open("name", 7, VAULT.seal("name", 7, value)) == value


@given(some.binary())
def test_what_was_sealed_as_bytes_opens(value: bytes) -> None:
    assert VAULT.open_bytes("file", 7, VAULT.seal_bytes("file", 7, value)) == value


def test_a_value_opens_for_its_purpose_only() -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open("phone", 7, VAULT.seal("identity", 7, "11010519491231002X"))


def test_a_value_opens_in_its_own_row_only() -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open("phone", 8, VAULT.seal("phone", 7, "19900001234"))


def test_what_was_sealed_before_rows_were_named_opens_only_where_that_is_allowed() -> None:
    before = sealed_unbound(NEW, "new", "phone", "19900001234")
    lenient = Vault({"new": NEW}, INDEX, opens_unbound=True)
    assert lenient.open("phone", 7, before) == "19900001234"
    assert lenient.seal("phone", 7, "19900001234").startswith("v2:new:")
    with pytest.raises(UnreadableValue):
        VAULT.open("phone", 7, before)
    with pytest.raises(UnreadableValue):  # nor does a bound value open as if it were an older one
        lenient.open("phone", 8, VAULT.seal("phone", 7, "19900001234").replace("v2", "v1", 1))


def test_while_the_index_key_changes_a_value_has_two_indexes_and_the_new_is_written() -> None:
    earlier, later = Vault({"new": NEW}, INDEX), Vault({"new": NEW}, OLD)
    both = Vault({"new": NEW}, OLD, other_index_key=INDEX)
    assert both.index("name", "林") == later.index("name", "林")
    assert both.indexes("name", "林") == [later.index("name", "林"), earlier.index("name", "林")]
    assert (earlier.has_two_index_keys, both.has_two_index_keys) == (False, True)


def test_an_old_key_still_opens_and_the_newest_seals() -> None:
    assert VAULT.open("name", 7, Vault({"old": OLD}, INDEX).seal("name", 7, "林")) == "林"
    assert VAULT.seal("name", 7, "林").startswith("v2:new:")


def test_without_the_key_nothing_opens_and_nothing_is_told() -> None:
    with pytest.raises(UnreadableValue) as refused:
        Vault({"other": OLD}, INDEX).open("identity", 7, VAULT.seal("identity", 7, "secret"))
    assert "secret" not in str(refused.value)


@given(some.integers(0, 60), some.integers(1, 255))
def test_an_altered_value_does_not_open(at: int, change: int) -> None:
    sealed = bytearray(VAULT.seal_bytes("name", 7, b"0123456789" * 3))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(UnreadableValue):
        VAULT.open_bytes("name", 7, bytes(sealed))


@pytest.mark.parametrize(
    "rubbish", ["", "v2", "v2:new", "v2:new:***", "v3:new:AAAA", "v2:new:AAAA"]
)
def test_rubbish_does_not_open(rubbish: str) -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open("name", 7, rubbish)


def test_two_seals_of_a_value_differ_and_its_index_does_not() -> None:
    assert VAULT.seal("name", 7, "林") != VAULT.seal("name", 7, "林")
    assert VAULT.index("name", "林") == Vault({"other": OLD}, INDEX).index("name", "林")
    assert VAULT.index("name", "林") != VAULT.index("phone", "林")
    assert VAULT.index("name", "林") != Vault({"new": NEW}, OLD).index("name", "林")


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Vault({}, INDEX)
