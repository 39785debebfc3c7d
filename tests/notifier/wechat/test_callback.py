"""A push is believed only when WeChat signed it; it is read into an event or called rubbish."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.wechat.callback import (
    CallbackEvent,
    CallbackKeys,
    Rubbish,
    Unsigned,
    keys_of,
    read_echo,
    read_push,
    signature,
)
from notifier.wechat.xml import BadXml, read_elements
from tests.notifier.wechat import pushes
from tests.notifier.wechat.account import ACCOUNT, settings_for
from tests.notifier.wechat.pushes import NOW, Push, document, event, plain_push, sealed_push

KEYS = CallbackKeys(pushes.APP_ID, pushes.TOKEN, (pushes.key_bytes(),))
OTHER_KEY = "0123456789ABCDEFGabcdefghijklmnopqrstuvwxyz"


def read(push: Push, keys: CallbackKeys = KEYS) -> CallbackEvent:
    return read_push(keys, push.query, push.body, NOW)


def test_the_signature_is_the_one_wechat_publishes() -> None:
    expected = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert signature("AAAAA", "1714036504", "1514711492") == expected


def test_the_console_hears_its_own_words() -> None:
    push = plain_push(b"")
    assert read_echo(KEYS, {**push.query, "echostr": "4711"}, NOW) == "4711"
    with pytest.raises(Unsigned):
        read_echo(KEYS, {**push.query, "echostr": "4711", "signature": "0" * 40}, NOW)


def test_an_event_in_safe_mode_is_read() -> None:
    found = read(sealed_push(document(event("SCAN", EventKey="12", Ticket="t"))))
    assert (found.event, found.openid, found.happened_at) == ("SCAN", "o-someone", NOW)
    assert found.content == {"EventKey": "12"}


def test_a_receipt_keeps_an_id_beyond_what_a_float_holds() -> None:
    clear = event(
        "TEMPLATESENDJOBFINISH", MsgID=3717005636572528642, Status="failed: system failed"
    )
    found = read(sealed_push(document(clear)))
    assert found.wx_msgid == 3717005636572528642
    assert found.status == "failed: system failed"


def test_what_a_person_wrote_is_not_kept() -> None:
    clear = event(MsgType="text", Event=None, Content="我的身份证号是…", MsgId=42)
    found = read(sealed_push(document(clear)))
    assert found.event == "message:text"
    assert found.content == {}


def test_an_account_in_compatible_mode_is_read_from_its_ciphertext() -> None:
    sealed = pushes.encrypted(document(event("unsubscribe")))
    body = document({**event("subscribe"), "Encrypt": sealed})
    assert read(pushes.signed_push(sealed, body)).event == "unsubscribe"


def test_the_key_before_still_opens_during_a_change() -> None:
    keys = replace(KEYS, aes_keys=(pushes.key_bytes(OTHER_KEY), pushes.key_bytes()))
    assert read(sealed_push(document(event())), keys).event == "subscribe"


@pytest.mark.parametrize(
    "spoil",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"timestamp": "1"},
        {"nonce": "2"},
        {"encrypt_type": "raw"},
        {"encrypt_type": ""},
    ],
)
def test_what_is_not_signed_is_refused(spoil: dict[str, str]) -> None:
    push = sealed_push(document(event()))
    with pytest.raises(Unsigned):
        read(Push({**push.query, **spoil}, push.body))


def test_the_plain_signature_does_not_vouch_for_a_body() -> None:
    push = sealed_push(document(event()))
    captured = {name: push.query[name] for name in ("signature", "timestamp", "nonce")}
    with pytest.raises(Unsigned):
        read(Push(captured, document(event("unsubscribe", FromUserName="o-victim"))))


def test_another_ciphertext_under_a_captured_signature_is_refused() -> None:
    captured = sealed_push(document(event())).query
    other = sealed_push(document(event("unsubscribe")))
    with pytest.raises(Unsigned):
        read(Push(captured, other.body))


@pytest.mark.parametrize("minutes", [-11, 11])
def test_an_old_push_or_one_of_the_future_is_refused(minutes: int) -> None:
    push = sealed_push(document(event()), at=NOW + timedelta(minutes=minutes))
    with pytest.raises(Unsigned):
        read(push)


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_a_plain_push_is_read_only_where_the_setting_says_so(mode: str) -> None:
    push = plain_push(document(event()))
    with pytest.raises(Unsigned):
        read(push)
    keys = keys_of(
        settings_for(
            "http://127.0.0.1:1",
            wechat_callback_mode=mode,
            wechat_token=pushes.TOKEN,
            wechat_app_id=pushes.APP_ID,
        )
    )
    assert read(push, keys).event == "subscribe"


@pytest.mark.parametrize(
    "push",
    [
        sealed_push(document(event()), key=OTHER_KEY),
        sealed_push(document(event()), app_id="wxanother"),
        sealed_push(b"not xml at all"),
        sealed_push(b"<xml/>"),
        sealed_push(document(event(FromUserName=None))),
        sealed_push(document(event(FromUserName="o 1; DROP TABLE"))),
        sealed_push(document(event(CreateTime="soon"))),
        sealed_push(document(event(CreateTime=9 * 10**18))),
        sealed_push(document(event(MsgType=""))),
        sealed_push(document(event(ToUserName="gh_another"))),
        sealed_push(document(event()).replace(b"</xml>", b"<Event>unsubscribe</Event></xml>")),
        sealed_push(b"<!DOCTYPE xml>" + document(event())),
        sealed_push(b'<!DOCTYPE x [<!ENTITY a "b">]>' + document(event())),
        sealed_push(document(event()).replace(b"</xml>", b"<a>" * 9 + b"</a>" * 9 + b"</xml>")),
        sealed_push(b"<a>" * 5000),
        pushes.signed_push("", document({"ToUserName": "x"})),
        pushes.signed_push("not base64 !", document({"Encrypt": "not base64 !"})),
        pushes.signed_push("QUJD", document({"Encrypt": "QUJD"})),
    ],
)
def test_what_is_signed_but_cannot_be_read_is_rubbish(push: Push) -> None:
    with pytest.raises(Rubbish):
        read(push)


def test_an_id_that_is_no_number_is_left_out() -> None:
    for msgid in ("", "x", "9" * 19, "-1"):
        assert read(sealed_push(document(event("E", MsgID=msgid)))).wx_msgid is None


def test_the_same_event_has_the_same_key_and_another_has_another() -> None:
    same = {read(sealed_push(document(event("VIEW", EventKey="u")))).dedup_key for _ in range(2)}
    others = {
        read(sealed_push(document(each))).dedup_key
        for each in (
            event("SCAN", EventKey="u"),
            event("VIEW", EventKey="v"),
            event("VIEW", EventKey="u", CreateTime=int(NOW.timestamp()) + 1),
            event("VIEW", EventKey="u", FromUserName="o-other"),
            event("VIEW", EventKey="u", Status="success"),
            event("user_authorization_revoke", OpenID="o1"),
            event("user_authorization_revoke", OpenID="o2"),
            event("user_authorization_revoke", OpenID="o2", RevokeInfo="201"),
            event(MsgType="text", Event=None, MsgId=1),
            event(MsgType="text", Event=None, MsgId=2),
        )
    }
    assert len(same) == 1
    assert len(others | same) == 11


def test_a_push_without_a_token_cannot_be_set_up() -> None:
    with pytest.raises(ValueError, match="token"):
        CallbackKeys("wx", "", ())


def test_keys_show_nothing_of_themselves() -> None:
    shown = repr(keys_of(settings_for("http://127.0.0.1:1")))
    assert ACCOUNT.callback_token not in shown
    assert "aes_keys" not in shown


@given(st.binary(max_size=400))
def test_no_document_ends_in_anything_but_elements_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(read_elements(body), dict)
    except BadXml:
        return


@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type"]),
        st.text(max_size=30) | st.sampled_from(["aes", str(int(NOW.timestamp()))]),
    ),
    body=st.binary(max_size=300) | st.text(max_size=100).map(lambda t: document({"Encrypt": t})),
    mode=st.sampled_from(["safe", "compatible", "plain"]),
)
def test_nothing_unsigned_is_ever_believed(query: dict[str, str], body: bytes, mode: str) -> None:
    with pytest.raises(Unsigned):
        read_push(replace(KEYS, mode=mode), query, body, NOW)  # type: ignore[arg-type]  # one of three


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_whatever_wechat_signs_is_an_event_or_rubbish(clear: bytes) -> None:
    try:
        read(sealed_push(clear))
    except Rubbish:
        return


names = st.sampled_from(["FromUserName", "CreateTime", "MsgType", "Event", "MsgID", "Status", "A"])


@given(st.dictionaries(names, st.text(st.characters(exclude_characters="]\0"), max_size=60)))
def test_whatever_elements_hold_is_an_event_or_rubbish(fields: dict[str, str]) -> None:
    push = sealed_push(document({**event(), **fields}))
    try:
        found = read(push)
    except Rubbish:
        return
    assert len(found.event) <= 40
    assert len(found.status) <= 80
    assert found.wx_msgid is None or found.wx_msgid < 2**63


@given(st.text(alphabet="ABCDEFGHabcdefgh0123+/=", max_size=200))
def test_whatever_ciphertext_is_signed_is_rubbish(sealed: str) -> None:
    with pytest.raises(Rubbish):
        read(pushes.signed_push(sealed, document({"Encrypt": sealed})))
