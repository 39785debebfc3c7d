"""What the account answers in the chat: shown, set, and given back to what is said by default."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.wechat import replies
from notifier.wechat.replies import ChatReply, Occasion
from registry.accounts import audit
from registry.base.errors import RuleError
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.ops.door import blueprint, note_on_account

TITLES = {Occasion.FOLLOWED: "关注后", Occasion.WORD: "关键词", Occasion.OTHER: "其他消息"}
FIELDS = {"text": "回复内容", "page": "附带链接"}


@blueprint.get("/replies", endpoint="replies")
def show_replies() -> str:
    """Show every answer as it is given now."""
    return _page()


@blueprint.post("/replies", endpoint="write_reply")
def write_reply() -> ResponseReturnValue:
    """Set an answer; one that cannot be is said, and kept on the page."""
    given = request.form
    named = (_occasion(), given.get("word", ""))
    reply = ChatReply(*named, given.get("text", ""), given.get("page", ""))
    try:
        with writing() as session:
            before = _found(session, reply)
            written = replies.write(session, reply, now())
            _note(session, written, before, written)
    except RuleError as refusal:
        return _page(reply, refusal), status_of(refusal)
    return redirect(url_for("ops.replies"), 303)


@blueprint.post("/replies/restore", endpoint="restore_reply")
def restore_reply() -> ResponseReturnValue:
    """Say what is said by default again; twice is once."""
    named = ChatReply(_occasion(), request.form.get("word", ""), "")
    with writing() as session:
        before = _found(session, named)
        replies.restore(session, named.occasion, named.word)
        _note(session, named, before, _found(session, named))
    return redirect(url_for("ops.replies"), 303)


def _occasion() -> Occasion:
    asked = request.form.get("occasion", "")
    if asked not in set(Occasion):
        raise RuleError("occasion_bad", "请从列出的回复中选择。")
    return Occasion(asked)


def _found(session: Session, like: ChatReply) -> ChatReply | None:
    named = (like.occasion, like.word)
    present = replies.in_force(session)
    return next((each for each in present if (each.occasion, each.word) == named), None)


def _note(
    session: Session, named: ChatReply, before: ChatReply | None, after: ChatReply | None
) -> None:
    first, last = (vars(each) if each else {} for each in (before, after))
    changed = audit.changes(FIELDS, first, last)
    if changed:
        title = named.word or TITLES[named.occasion]
        note_on_account(session, "reply_change", {"name": title, "changes": changed})


def _page(written: ChatReply | None = None, refusal: RuleError | None = None) -> str:
    with reading() as session:
        found = replies.in_force(session)
    return render_template(
        "ops/replies.html",
        found=found,
        titles=TITLES,
        pages=replies.PAGES,
        written=written,
        refusal=refusal,
        longest=replies.TEXT_LENGTH,
        longest_word=replies.WORD_LENGTH,
    )
