"""Sealed values open with the keys and for their purpose only; indexes find without showing."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.crypto import UnreadableValue, Vault

OLD, NEW, INDEX = b"a" * 32, b"b" * 32, b"i" * 32
VAULT = Vault({"new": NEW, "old": OLD}, INDEX)


@given(some.text())
def test_what_was_sealed_opens(value: str) -> None:
    assert VAULT.open("name", VAULT.seal("name", value)) == value


@given(some.binary())
def test_what_was_sealed_as_bytes_opens(value: bytes) -> None:
    assert VAULT.open_bytes("file", VAULT.seal_bytes("file", value)) == value


def test_a_value_opens_for_its_purpose_only() -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open("phone", VAULT.seal("identity", "11010519491231002X"))


def test_an_old_key_still_opens_and_the_newest_seals() -> None:
    assert VAULT.open("name", Vault({"old": OLD}, INDEX).seal("name", "林")) == "林"
    assert VAULT.seal("name", "林").startswith("v1:new:")


def test_without_the_key_nothing_opens_and_nothing_is_told() -> None:
    with pytest.raises(UnreadableValue) as refused:
        Vault({"other": OLD}, INDEX).open("identity", VAULT.seal("identity", "secret"))
    assert "secret" not in str(refused.value)


@given(some.integers(0, 60), some.integers(1, 255))
def test_an_altered_value_does_not_open(at: int, change: int) -> None:
    sealed = bytearray(VAULT.seal_bytes("name", b"0123456789" * 3))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(UnreadableValue):
        VAULT.open_bytes("name", bytes(sealed))


@pytest.mark.parametrize(
    "rubbish", ["", "v1", "v1:new", "v1:new:***", "v2:new:AAAA", "v1:new:AAAA"]
)
def test_rubbish_does_not_open(rubbish: str) -> None:
    with pytest.raises(UnreadableValue):
        VAULT.open("name", rubbish)


def test_two_seals_of_a_value_differ_and_its_index_does_not() -> None:
    assert VAULT.seal("name", "林") != VAULT.seal("name", "林")
    assert VAULT.index("name", "林") == Vault({"other": OLD}, INDEX).index("name", "林")
    assert VAULT.index("name", "林") != VAULT.index("phone", "林")
    assert VAULT.index("name", "林") != Vault({"new": NEW}, OLD).index("name", "林")


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Vault({}, INDEX)
