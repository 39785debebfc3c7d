"""The menu at the bottom of the chat, and who follows the account."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from notifier.delivery import account_state
from notifier.ledger import account
from notifier.wechat.errors import GatewayError
from notifier.wechat.menu import default_menu, push_menu
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.ops.door import account_subject, blueprint, note_on_account, words_of


@blueprint.get("/menu", endpoint="menu")
def show_menu() -> str:
    """Show the menu as we set it, and what is known of the followers."""
    return _page()


@blueprint.post("/menu", endpoint="push_menu")
@only_once
def push() -> ResponseReturnValue:
    """Set the menu; what WeChat says against it is shown. Twice sets it twice, to the same."""
    try:
        push_menu(services().gateway, resources().settings)
    except GatewayError as error:
        return _page(words_of(error)), 502
    with writing() as session:
        note_on_account(session, "menu_push")
    return redirect(url_for("ops.menu"), 303)


@blueprint.post("/followers", endpoint="read_followers")
def read_followers() -> Response:
    """Have a worker read all followers; a second press before it begins changes nothing."""
    app_id = resources().settings.wechat_app_id
    with writing() as session:
        if account_state.read(session, resources().settings, now()).followers_asked_at is None:
            account.note(session, app_id, followers_asked_at=now())
            note_on_account(session, "followers_ask")
    return redirect(url_for("ops.menu"), 303)


def _page(trouble: str = "") -> str:
    settings = resources().settings
    with reading() as session:
        stands = account_state.read(session, settings, now())
        followers = account_state.followers(session)
        actions = account_state.deeds(session, account_subject())
    pushed = next((each for each in actions if each.action == "menu_push"), None)
    return render_template(
        "ops/menu.html",
        buttons=default_menu(settings)["button"],
        account=stands,
        followers=followers,
        pushed=pushed,
        trouble=trouble,
    )
