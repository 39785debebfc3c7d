"""Sending codes behind the answer: after the commit, in threads of this process.

A page that waited for the provider would tell by its slowness that somebody matched. A code lost
with the process is asked for again a minute later.
"""

from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from notifier.providers.sms import CodeSender
from notifier.providers.tencent_cloud import CallError

log = structlog.get_logger("notifier.binding.sms_after_commit")

THREADS = 8
_KEY = "quxiang codes"
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="codes")
_pending: set[Future[None]] = set()


def send_after_commit(
    session: Session, sender: CodeSender, phone: str, code: str, minutes: int
) -> None:
    """Send a code once the session's transaction has committed; a rollback sends nothing."""
    if _KEY not in session.info:
        event.listen(session, "after_commit", _send_all)
        event.listen(session, "after_rollback", _forget_all)
    session.info.setdefault(_KEY, []).append((sender, phone, code, minutes))


def settle(seconds: float = 15) -> None:
    """Wait until everything that was handed over has been sent or has failed."""
    wait(set(_pending), timeout=seconds)


def _send_all(session: Session) -> None:
    for sender, phone, code, minutes in session.info.get(_KEY, ()):
        pending = _pool.submit(_send, sender, phone, code, minutes)
        _pending.add(pending)
        pending.add_done_callback(_pending.discard)
    _forget_all(session)


def _forget_all(session: Session) -> None:
    session.info[_KEY] = []


def _send(sender: CodeSender, phone: str, code: str, minutes: int) -> None:
    failure = None
    try:
        sender.send_code(phone, code, minutes)
    except CallError as error:
        failure = error
    if failure is None:
        log.info("a code was sent")
    else:
        log.error("a code was not sent", code=failure.code, request_id=failure.request_id)
