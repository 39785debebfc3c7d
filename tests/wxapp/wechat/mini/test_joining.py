"""A unionid makes the mini program's WeChat and the account's one; nothing else does."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from notifier.binding import bind
from notifier.ledger.tables import Binding, Follower
from notifier.wechat.followers import FollowEvent, apply_follow_events, read_unionids, reconcile
from notifier.wechat.gateway import UserInfo, open_gateway
from registry.record.tables import Graduate
from sandbox.mini_codes import mini_openid, unionid
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from tests.wxapp.wechat.mini.mini_phone import NUMBER, MiniPhone, bound_openids, own_number


def follow(site: Site, *openids: str) -> None:
    """Let people follow, and have WeChat asked who they are."""
    for each in openids:
        site.sandbox.control.change_phone(each, following=True)
    with site.resources.sessions.begin() as session:
        events = [FollowEvent(each, subscribed=True, at=site.clock()) for each in openids]
        apply_follow_events(session, events)
    read(site)


def read(site: Site) -> None:
    settings, redis = site.resources.settings, site.resources.redis
    while read_unionids(site.resources, open_gateway(settings, redis, site.clock)):
        pass


def known_unionids(site: Site) -> dict[str, str | None]:
    wanted = select(Follower.openid, Follower.unionid)
    return site.read(lambda session: dict(session.execute(wanted).all()))


def test_a_follower_is_bound_by_the_account_at_once(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    follow(site, phone.openid)
    said = phone.login("").get_json()
    assert (said["outcome"], said["follow"]) == ("signed_in", False)
    assert bound_openids(site) == [phone.openid]


def test_who_follows_later_is_joined_then_and_stays_signed_in(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    browser = phone.enter(phone.login("").get_json()["open"])
    assert bound_openids(site) == [f"mini:{mini_openid(phone.openid)}"]
    follow(site, phone.openid)
    assert bound_openids(site) == [phone.openid]
    assert graduate.name in browser.get("/g/").text
    assert phone.login().get_json() | {"open": ""} == {
        "outcome": "signed_in",
        "follow": False,
        "open": "",
    }


def test_who_was_bound_by_the_account_needs_no_number(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    openid = site.bind(graduate)
    follow(site, openid)
    own = MiniPhone(site, openid)
    assert own.login().get_json()["outcome"] == "signed_in"


def test_without_a_unionid_nobody_is_joined(site: Site, phone: MiniPhone) -> None:
    site.sandbox.control.configure(open_platform=False)
    site.graduate(own_number(NUMBER))
    follow(site, phone.openid)
    assert known_unionids(site) == {phone.openid: ""}
    said = phone.login("").get_json()
    assert (said["outcome"], said["follow"]) == ("signed_in", True)
    assert bound_openids(site) == [f"mini:{mini_openid(phone.openid)}"]


def test_two_wechats_of_two_people_stay_whose_they_are(site: Site, phone: MiniPhone) -> None:
    """Her mini program is joined to no account that somebody else is bound to."""

    def another(campus: Campus, graduate: Graduate) -> None:
        own_number(NUMBER)(campus, graduate)
        other = campus.graduate(name="张三")
        other.identity_index = campus.vault.index("identity", "another's")
        campus.session.flush()
        bound = Binding(openid=phone.openid, graduate_id=other.id, bound_at=site.clock())
        campus.session.add(bound)

    site.graduate(another)
    phone.login("")
    follow(site, phone.openid)
    assert bound_openids(site) == [phone.openid, f"mini:{mini_openid(phone.openid)}"]


def test_a_unionid_of_two_followers_joins_neither(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    with site.resources.sessions.begin() as session:
        for openid in ("oA", "oB"):
            union = unionid(phone.openid)
            session.add(
                Follower(openid=openid, subscribed=True, changed_at=site.clock(), unionid=union)
            )
    phone.login("")
    assert bound_openids(site) == [f"mini:{mini_openid(phone.openid)}"]


def test_an_openid_that_wechat_does_not_know_spoils_no_others(site: Site, phone: MiniPhone) -> None:
    with site.resources.sessions.begin() as session:
        at = site.clock()
        made_up = [FollowEvent(f"oGone{each}", subscribed=True, at=at) for each in range(5)]
        apply_follow_events(session, made_up)
    follow(site, phone.openid)
    known = known_unionids(site)
    assert known.pop(phone.openid) == unionid(phone.openid)
    assert set(known.values()) == {""}


def test_what_was_not_told_is_asked_again_when_she_follows_anew(
    site: Site, phone: MiniPhone
) -> None:
    site.sandbox.control.configure(open_platform=False)
    follow(site, phone.openid)
    site.sandbox.control.configure(open_platform=True)
    read(site)
    assert known_unionids(site) == {phone.openid: ""}
    follow(site, phone.openid)
    assert known_unionids(site) == {phone.openid: unionid(phone.openid)}


def test_joined_on_the_way_into_the_web_view_she_is_the_accounts(
    site: Site, phone: MiniPhone
) -> None:
    graduate = site.graduate(own_number(NUMBER))
    opened = phone.login("").get_json()["open"]
    follow(site, phone.openid)
    assert graduate.name in phone.enter(opened).get("/g/").text


def test_a_unionid_that_an_earlier_follower_has_joins_none_that_follows(
    site: Site, phone: MiniPhone
) -> None:
    site.graduate(own_number(NUMBER))
    phone.login("")
    with site.resources.sessions.begin() as session:
        union = unionid(phone.openid)
        session.add(Follower(openid="oA", subscribed=True, changed_at=site.clock(), unionid=union))
    follow(site, phone.openid)
    assert bound_openids(site) == [f"mini:{mini_openid(phone.openid)}"]


def test_joined_she_finds_what_was_done_while_the_mini_program_was_bound(
    site: Site, phone: MiniPhone
) -> None:
    graduate = site.graduate(own_number(NUMBER))
    phone.login("")
    with site.resources.sessions.begin() as session:
        bind.end(session, graduate.id, reason="by_school", by="staff:x", at=site.clock())
    follow(site, phone.openid)
    browser = phone.enter(phone.login().get_json()["open"])
    assert "微信绑定解除" in browser.get("/g/contact").text


def test_no_colleague_links_a_wechat_that_nothing_can_be_sent_to(
    site: Site, phone: MiniPhone
) -> None:
    browser = phone.enter(phone.login(to="colleague").get_json()["open"])
    assert browser.path == "/wechat/colleague"
    assert browser.status == 400
    assert "请在微信聊天中打开" in browser.text


class Erasing:
    """WeChat, which answers after one of those who were asked for was erased."""

    def __init__(self, site: Site, erased: str) -> None:
        self.site, self.erased = site, erased
        self.gateway = open_gateway(site.resources.settings, site.resources.redis, site.clock)

    def users(self, openids: Sequence[str]) -> Sequence[UserInfo]:
        with self.site.resources.sessions.begin() as session:
            session.execute(delete(Follower).where(Follower.openid == self.erased))
        return self.gateway.users(openids)


def test_who_is_erased_while_wechat_is_asked_keeps_nobody_from_being_known(
    site: Site, phone: MiniPhone
) -> None:
    other = site.sandbox.control.add_phone("李婷", following=True)
    site.sandbox.control.change_phone(phone.openid, following=True)
    events = [FollowEvent(each, subscribed=True, at=site.clock()) for each in (other, phone.openid)]
    with site.resources.sessions.begin() as session:
        apply_follow_events(session, events)
    read_unionids(site.resources, Erasing(site, other))
    assert known_unionids(site) == {phone.openid: unionid(phone.openid)}


def test_a_night_without_an_open_platform_asks_for_a_few_and_with_one_for_all(site: Site) -> None:
    control = site.sandbox.control
    control.configure(open_platform=False)
    openids = control.add_phones({"following": True} for _ in range(150))
    with site.resources.sessions.begin() as session:
        at = site.clock() - timedelta(hours=1)
        apply_follow_events(
            session, [FollowEvent(each, subscribed=True, at=at) for each in openids]
        )
    read(site)
    assert set(known_unionids(site).values()) == {""}
    asked_at_night(site)
    assert asked_at_night(site) == 1
    control.configure(open_platform=True)
    asked_at_night(site)
    known = known_unionids(site)
    assert {each: known[each] for each in openids} == {each: unionid(each) for each in openids}


def asked_at_night(site: Site) -> int:
    """Let a night pass; return how many calls asked for unionids."""
    before = asked(site)
    settings, redis = site.resources.settings, site.resources.redis
    reconcile(site.resources, open_gateway(settings, redis, site.clock))
    read(site)
    return asked(site) - before


def asked(site: Site) -> int:
    return site.sandbox.control.counts()["paths"].get("/cgi-bin/user/info/batchget", 0)
