"""Step 2: on the phone she follows, opens the menu, and binds herself with a second factor."""

from time import time
from urllib.parse import urlsplit

from commands.story.rosters import Somebody
from commands.story.stage import Stage, until
from commands.story.visitor import Visitor

WRONG_TRIES = 5
APART_SECONDS = 61  # a minute, and what clocks of two processes differ by


def play(stage: Stage) -> None:
    """Bind the first of the cast; refuse the stranger and the snapshot."""
    heroine, victim = stage.cast[0], stage.cast[1]
    _see_a_snapshot(stage)
    _bind(stage, heroine)
    _be_refused_as_somebody_else(stage, victim)


def follow_and_open(stage: Stage, openid: str) -> Visitor:
    """Follow the account on a phone, and open 去向登记 from its menu."""
    phone = Visitor(stage.trial.sandbox_url).open(f"/phone/{openid}")
    if phone.page.forms and any(form.says("关注公众号") for form in phone.page.forms):
        phone.press("关注公众号")
    return phone.follow("去向登记")


def claim(phone: Visitor, person: Somebody) -> Visitor:
    """Say who one is."""
    return phone.press("获取验证码", name=person.name, identity_number=person.identity_number)


def _see_a_snapshot(stage: Stage) -> None:
    openid = stage.control.add_phone(label="快照访客", snapshot=True)
    page = follow_and_open(stage, openid)
    stage.prove(
        "快照访客只看到怎样“使用完整服务”，没有登录  a snapshot visitor is only told what to press",
        "使用完整服务" in page.text and not page.page.forms,
    )
    page.open(f"{stage.trial.settings.public_url}/g/bind")
    stage.prove("她到不了绑定页  and cannot reach the binding page", "获取验证码" not in page.text)


def _bind(stage: Stage, person: Somebody) -> None:
    openid = stage.control.add_phone(label=person.name, number=person.phone_number, following=False)
    stage.phones[person.student_number] = openid
    phone = follow_and_open(stage, openid)
    stage.prove(
        "关注后从菜单一次点击，经真实 OAuth 到绑定页  one click leads through OAuth to the binding",
        "绑定本人" in phone.text and phone.address.startswith(stage.trial.settings.public_url),
    )
    before = stage.texts_of(person)
    claim(phone, person)
    stage.prove(
        f"短信到了 {person.phone_number[:3]}****{person.phone_number[-4:]}  the code came by text",
        until(lambda: stage.texts_of(person) > before),
    )
    code = stage.code_of(person, before)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    phone.press("同意并绑定", code=wrong)
    stage.prove("错误的验证码：请核对  a wrong code is refused", "验证码不对" in phone.text)
    phone.press("同意并绑定", code=code)
    stage.prove(f"绑定成功：{person.name[0]}*  bound", "绑定" in phone.text and phone.status == 200)
    phone.open(f"{stage.trial.settings.public_url}/")
    stage.prove(
        "首页：上报 → 确认 → 授权，以及上报的去向  her status as one strip",
        all(words in phone.text for words in ("上报", "确认", "授权", person.unit_name)),
    )


def bind_quietly(stage: Stage, person: Somebody) -> None:
    """Bind one more of the cast, to be reached by the school."""
    openid = stage.control.add_phone(label=person.name, number=person.phone_number, following=False)
    stage.phones[person.student_number] = openid
    phone = claim(follow_and_open(stage, openid), person)
    stage.prove("又一位绑定  one more binds", until(lambda: stage.control.sms(person.phone_number)))
    phone.press("同意并绑定", code=stage.code_of(person, 0))


def tap_once(stage: Stage, person: Somebody) -> None:
    """Bind one more by the phone that WeChat knows, in the mini program; she follows after it."""
    openid = stage.control.add_phone(label=person.name, number=person.phone_number, following=False)
    stage.phones[person.student_number] = openid
    billed = _numbers_billed(stage)
    phone = Visitor(stage.trial.sandbox_url).open(f"/phone/{openid}/mini")
    stage.prove("小程序先展示说明  the mini program shows the notice", "个人信息处理" in phone.text)
    _enter(phone.press(f"允许（{person.phone_number}）"))
    stage.prove(
        "一键登录：手机号只有她登记，已绑定  one tap binds whose phone it is",
        f"绑定成功，已绑定青禾大学 {person.name[0]}" in phone.text
        and _numbers_billed(stage) == billed + 1,
    )
    stage.prove("没有关注的，请她关注  she is told to follow", "尚未关注" in phone.text)
    stage.control.follow(openid)
    mini = f"/phone/{openid}/mini"
    stage.prove(
        "关注后两个微信标识合一，不再收手机号费用  following joins her two WeChats",
        until(lambda: "尚未关注" not in _enter(Visitor(stage.trial.sandbox_url).open(mini)).text)
        and _numbers_billed(stage) == billed + 1,
    )


def _numbers_billed(stage: Stage) -> int:
    return stage.control.counts(openid="-")["totals"]["numbers_billed"]


def _enter(phone: Visitor) -> Visitor:
    """Do what the script of the web-view's first page does: send what stands in the fragment."""
    token, _, device = urlsplit(phone.address).fragment.partition("&device=")
    return phone.press("继续", token=token, device=device)


def _be_refused_as_somebody_else(stage: Stage, victim: Somebody) -> None:
    """Let a stranger who knows name and number try codes, and a name that nobody has."""
    stranger = stage.control.add_phone(label="陌生人", number="19911110000", following=False)
    phone = follow_and_open(stage, stranger)
    claim(phone, victim)
    said = phone.text
    stage.prove("验证码发给了本人  the code went to her", until(lambda: stage.texts_of(victim)))
    code = int(stage.code_of(victim, 0))
    for _ in range(WRONG_TRIES):
        phone.press("同意并绑定", code=f"{(code + 1) % 1_000_000:06}")
    phone.press("同意并绑定", code=f"{code:06}")
    stage.prove(
        "冒用者试错五次后，正确的验证码也已作废  five wrong tries spend even the right code",
        "失效" in phone.text and not stage.control.sms("19911110000"),
    )
    other = stage.control.add_phone(label="另一陌生人", number="19911110001", following=False)
    page = follow_and_open(stage, other)
    page.press("获取验证码", name="查无此人", identity_number=stage.cast[3].identity_number)
    stage.prove(
        "查无此人时，页面一字不差  a name that fits nobody gets the very same answer",
        page.text == said,
    )


def try_another_wechat(stage: Stage) -> None:
    """Let the first of the cast try a second WeChat: only she, holding her phone, learns why not.

    Codes for one phone are a minute apart, and by now it is over or nearly so.
    """
    person = stage.cast[0]
    last = stage.control.sms(person.phone_number)[-1]
    until(lambda: time() > last["at"] + APART_SECONDS, APART_SECONDS + 1)
    phone = follow_and_open(stage, stage.control.add_phone(label="第二个微信", following=False))
    claim(phone, person)
    stage.prove(
        "第二个微信也先要验证码  again a code",
        until(lambda: stage.texts_of(person) > last["seq"]),
    )
    code = stage.code_of(person, last["seq"])
    phone.press("同意并绑定", code=code)
    stage.prove(
        "已绑定其他微信：说给本人听  already bound elsewhere", "已绑定其他微信" in phone.text
    )
    phone.press("同意并绑定", code=code)
    stage.prove("用过的验证码不能再用  a used code is refused", "失效" in phone.text)
