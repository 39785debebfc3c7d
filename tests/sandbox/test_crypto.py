"""Encrypting and signing, against the platform's published example and wechatpy's code."""

import base64

import pytest
from wechatpy.crypto import WeChatCrypto

from sandbox.crypto import CallbackCipher, sign

KEY, APP, TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef", "AAAAA"


def test_the_signature_is_the_documented_one() -> None:
    documented = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert sign(TOKEN, "1714037059", "486452656") == documented


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 1_000])
def test_wechatpy_reads_what_is_encrypted(length: int) -> None:
    text = "去" * length
    encrypted = CallbackCipher(KEY, APP).encrypt(text)
    signature = sign(TOKEN, "1", "2", encrypted)
    read = WeChatCrypto(TOKEN, KEY, APP).decrypt_message(
        {"Encrypt": encrypted}, signature, "1", "2"
    )
    assert read == text
    assert len(base64.b64decode(encrypted)) % 32 == 0


def test_a_text_for_another_account_is_not_read() -> None:
    encrypted = CallbackCipher(KEY, "wxffffffffffffffff").encrypt("text")
    with pytest.raises(ValueError, match="another account"):
        CallbackCipher(KEY, APP).decrypt(encrypted)
