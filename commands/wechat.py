"""`quxiang wechat`: the account's menu, templates and followers."""

import argparse

from commands.answers import Answer, Refused, runs, verbs
from commands.opening import opened_resources
from notifier.campaigns import template_pauses
from notifier.wechat.followers import reconcile
from notifier.wechat.gateway import Gateway, open_gateway
from notifier.wechat.menu import push_menu
from notifier.wechat.templates import SyncReport
from runtime.resources import Resources


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    things = verbs(parser)
    menu = verbs(things.add_parser("menu", help="the menu at the bottom of the chat"))
    runs(menu.add_parser("push", help="set it"), _push_menu)
    templates = verbs(things.add_parser("templates", help="what messages are sent with"))
    runs(templates.add_parser("sync", help="read them and match our kinds"), _sync_templates)
    followers = verbs(things.add_parser("followers", help="who can be reached"))
    runs(followers.add_parser("sync", help="read them all"), _sync_followers)


def _gateway(resources: Resources) -> Gateway:
    return open_gateway(resources.settings, resources.redis, resources.clock)


def _push_menu(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        menu = push_menu(_gateway(resources), resources.settings)
    return Answer(menu, "The menu is set; phones show it within five minutes.")


def _sync_templates(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        report = template_pauses.sync(session, _gateway(resources), resources.clock())
    lines = "\n".join(f"{each.fit.value:8} {each.sentence}" for each in report.kinds)
    if not report.complete:
        raise Refused("templates_incomplete", lines, _facts(report))
    return Answer(_facts(report), lines)


def _sync_followers(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        found = reconcile(resources, _gateway(resources))
    words = f"{found.followers:,} follow; {found.gone:,} had left unnoticed."
    return Answer({"followers": found.followers, "gone": found.gone}, words)


def _facts(report: SyncReport) -> dict[str, object]:
    fits = {each.kind: each.fit.value for each in report.kinds}
    return {"templates": report.templates, "kinds": fits}
