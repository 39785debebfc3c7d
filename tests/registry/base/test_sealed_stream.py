"""A sealed file opens as it was sealed, and not at all once anything of it is other."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.base import sealed_stream
from registry.base.sealed_stream import DamagedFile, open_stream, seal_stream

KEY, HEAD = bytes(range(32)), b"head\n"


@pytest.fixture(autouse=True, scope="module")
def short_pieces() -> Iterator[None]:
    """Have a file of some bytes be one of many pieces."""
    usual, sealed_stream.PIECE_BYTES = sealed_stream.PIECE_BYTES, 16
    yield
    sealed_stream.PIECE_BYTES = usual


def opened(sealed: bytes, key: bytes = KEY, head: bytes = HEAD) -> bytes:
    return b"".join(open_stream(key, head, io.BytesIO(sealed)))


def sealed_of(parts: list[bytes]) -> bytes:
    return b"".join(seal_stream(KEY, HEAD, parts))


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_what_was_sealed_opens(parts: list[bytes]) -> None:
    sealed = sealed_of(parts)
    assert opened(sealed) == b"".join(parts)
    assert not any(len(each) > 8 and each in sealed for each in parts)


@given(st.binary(min_size=1, max_size=100), st.data())
def test_nothing_can_be_changed_cut_off_or_moved(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(sealed_of([content]))
    place = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(DamagedFile):
        opened(bytes(sealed[:place]))
    sealed[place] ^= 1
    with pytest.raises(DamagedFile):
        opened(bytes(sealed))


def test_pieces_stay_in_their_order_and_of_their_file() -> None:
    sealed = sealed_of([bytes(range(48))])
    first, second = sealed[7:39], sealed[39:71]
    with pytest.raises(DamagedFile):
        opened(sealed[:7] + second + first + sealed[71:])
    with pytest.raises(DamagedFile):
        opened(sealed[:39])  # whole pieces are missing at its end
    with pytest.raises(DamagedFile):
        opened(sealed, key=bytes(32))
    with pytest.raises(DamagedFile):
        opened(sealed, head=b"another\n")
