"""Pages are signed as WeChat's own example is."""

from notifier.wechat.page_signature import signature_of

TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
NONCE, AT = "Wm3WZYTPz0wzccnW", 1414587457
SIGNED = "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_wechats_example_is_signed_as_there() -> None:
    assert signature_of(TICKET, NONCE, AT, "http://mp.weixin.qq.com?params=value") == SIGNED


def test_what_follows_the_hash_is_left_out() -> None:
    assert signature_of(TICKET, NONCE, AT, "http://mp.weixin.qq.com?params=value#a") == SIGNED
