"""What is done now and then, by whichever clockwork comes first; twice does no harm."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import select

from notifier.campaigns import (
    authorization_ends,
    automatic_reminders,
    effect,
    signing_deadlines,
    sync_messages,
    template_pauses,
    termination_deadlines,
)
from notifier.delivery import mini_notices, restored
from notifier.delivery.account_state import note_clockwork
from notifier.ledger import account, notices
from notifier.ledger.tables import Account
from notifier.providers.audit_heads import write_head
from notifier.wechat import blocked, pushes, templates
from notifier.wechat.errors import GatewayError
from notifier.wechat.followers import read_unionids, reconcile
from registry.accounts import (
    unsent_forms,
)
from registry.accounts.audit_log import chain
from registry.base import retention
from registry.base.clock import SHANGHAI
from registry.base.objects import StoreAway
from registry.breaches import deadlines
from registry.interface import sync_alarms
from registry.record import unit_names
from registry.signing import (
    agreement_papers,
    employer_texts,
    fulfilment,
    invitation_ends,
    qualified,
)
from registry.tasks import carry_over
from registry.upkeep import kept_counts, object_moves
from registry.upkeep.object_moves import Mover
from workers.forgetting import FORGETTING, SWEEPS
from workers.process import WorkerResources
from workers.stopping import stopping

log = structlog.get_logger(__name__)

NIGHT_HOURS = range(2, 6)
FOLLOWERS_AGE = timedelta(hours=20)
TEMPLATES_AGE = timedelta(hours=6)
SECOND_LOOK = timedelta(minutes=5)
MINUTE, HOUR = 60.0, 3600.0

BATCHES_A_TURN = 5
PUSHES_A_TURN = 50
FULFILLED_A_TURN = 20
FILES_A_TURN = 200
FILES_SECONDS = 10.0
"""However slow the object store is: the clockwork does one thing after the other."""
EFFECTS_SECONDS = 2.0
"""However many reminders are due at once, and however large they are."""
FOLDS_A_TURN = 20
RECOUNTS_A_TURN = 20
DRIFTED = Counter("quxiang_counts_drifted", "Kept counts that a night found wrong, and put right.")


@dataclass(frozen=True)
class Duty:
    """Something to look after, and how often to look."""

    name: str
    every_seconds: float
    do: Callable[[WorkerResources], bool | None]
    """Returns False where there was nothing to do."""
    idle_seconds: float = 0.0
    """How long it is left alone then, if that is longer."""


def _sweep_expired(resources: WorkerResources) -> None:
    """Delete what is over: sessions, states, codes, attempts, puzzles, files, tasks, events."""
    at = resources.clock()
    for sweep in SWEEPS:
        with resources.sessions.begin() as session:
            sweep(session, at)
    for _ in range(PUSHES_A_TURN):
        with resources.sessions.begin() as session:
            if not pushes.forget(session, at - retention.PUSH):
                break


def _sweep_unsent(resources: WorkerResources) -> None:
    """Delete what was typed into forms whose session had ended: it is kept for an hour at most."""
    with resources.sessions.begin() as session:
        unsent_forms.sweep(session, resources.clock())


def _read_unit_names(resources: WorkerResources) -> None:
    """Have the names of units that were registered found by what stands within them."""
    for _ in range(BATCHES_A_TURN):
        with resources.sessions.begin() as session:
            if not unit_names.read_on(session, resources.clock()):
                break


def _fold_counts(resources: WorkerResources) -> None:
    """Fold what was added to the kept counts, some transactions a turn."""
    for _ in range(FOLDS_A_TURN):
        with resources.sessions.begin() as session:
            if not kept_counts.fold(session):
                break


def _recount(resources: WorkerResources) -> None:
    """Compare the kept counts of some schools with their rows, each once a night."""
    at = resources.clock()
    if at.astimezone(SHANGHAI).hour not in NIGHT_HOURS:
        return
    for _ in range(RECOUNTS_A_TURN):
        with resources.sessions.begin() as session:
            found = kept_counts.recount(session, at)
        if found is None:
            break
        if found.cells:
            log.error("kept counts drifted", school=found.school, cells=found.cells)
            DRIFTED.inc(found.cells)


def _forget(resources: WorkerResources) -> bool:
    """Forget what is kept long enough, some transactions a turn: the clockwork has other duties.

    To find nothing takes it a look at all graduates and followers: an hour goes by before the next.
    """
    at, kept = resources.clock(), resources.settings.keep
    found = False
    for forget in FORGETTING:
        for _ in range(BATCHES_A_TURN):
            with resources.sessions.begin() as session:
                if not forget(session, kept, at):
                    break
            found = True
    return found


def _remind(resources: WorkerResources) -> None:
    """Write down the reminders that are due; they leave at their hour."""
    with resources.sessions.begin() as session:
        automatic_reminders.plan(session, resources.clock())
    with resources.sessions.begin() as session:
        authorization_ends.write_due(session, resources.clock())


def _measure_reminders(resources: WorkerResources) -> None:
    """Count what reminders did, where that is due, and no longer than others may wait."""
    until = time.monotonic() + EFFECTS_SECONDS
    effect.measure_due(
        *(resources.sessions, resources.clock()),
        stop=lambda: stopping.is_set() or time.monotonic() > until,
    )


def _read_followers(resources: WorkerResources) -> None:
    """Read all followers, once a night, and when an operator has asked for it."""
    at = resources.clock()
    at_night = at.astimezone(SHANGHAI).hour in NIGHT_HOURS
    is_old = _is_old(_account(resources, "followers_synced_at"), FOLLOWERS_AGE, at)
    is_asked = _account(resources, "followers_asked_at") is not None
    if not is_asked and not (at_night and is_old):
        return
    with resources.sessions.begin() as session:  # before it is read: who asks meanwhile asks anew
        account.note(session, resources.settings.wechat_app_id, followers_asked_at=None)
    reconcile(resources, resources.gateway)


def _read_unionids(resources: WorkerResources) -> None:
    """Learn who of the followers came from the mini program, where there is one."""
    if not resources.settings.mini_app_id:
        return
    for _ in range(BATCHES_A_TURN):
        if not read_unionids(resources, resources.gateway):
            break


def _read_templates(resources: WorkerResources) -> None:
    """Read the account's templates, a few times a day: they are changed in WeChat's console.

    Within a minute where a message was refused for its template, and soon again where one is
    missing.
    """
    at = resources.clock()
    with resources.readers() as session:
        again = templates.is_missing_one(session, resources.settings.wechat_app_id)
    age = SECOND_LOOK if again else TEMPLATES_AGE
    if _is_old(_account(resources, "templates_synced_at"), age, at):
        with resources.sessions.begin() as session:
            template_pauses.sync(session, resources.gateway, at)


def _read_mini_templates(resources: WorkerResources) -> None:
    """Read the mini program's templates as often as the account's."""
    mini_notices.read_templates(resources, resources.mini_program)


def _ask_for_blocked(resources: WorkerResources) -> None:
    """Ask what WeChat took and held back: it does not always say so by itself."""
    blocked.reconcile(resources, resources.gateway)


def _account(resources: WorkerResources, column: str) -> datetime | None:
    with resources.readers() as session:
        account = session.scalar(
            select(Account).where(Account.app_id == resources.settings.wechat_app_id)
        )
    moment: datetime | None = getattr(account, column, None)
    return moment


def _is_old(moment: datetime | None, age: timedelta, at: datetime) -> bool:
    return moment is None or at - moment >= age


def _asking_wechat(do: Callable[[WorkerResources], None]) -> Callable[[WorkerResources], None]:
    """Let WeChat's refusal be noted and tried again at the next turn."""

    def run(resources: WorkerResources) -> None:
        try:
            do(resources)
        except GatewayError as error:
            log.warning("wechat refused a duty", duty=do.__name__, outcome=error.outcome.code)

    return run


def _count_on(resources: WorkerResources) -> None:
    """Let the ledger count, and notice if a backup took its place."""
    restored.keep(resources)


def _say_alive(resources: WorkerResources) -> None:
    """Note that a clockwork runs, for the operator's page."""
    with resources.sessions.begin() as session:
        note_clockwork(session, resources.settings, resources.clock())


def _carry_over(resources: WorkerResources) -> None:
    """Take up the tasks that processes of the version before still write to its tables."""
    with resources.sessions.begin() as session:
        carry_over.carry_over(session)


def _join_records(resources: WorkerResources) -> None:
    """Bind the records that came while their person was binding another of hers."""
    with resources.sessions.begin() as session:
        notices.join_what_is_left(session, resources.clock())


def _chain_audit_log(resources: WorkerResources) -> None:
    """Chain what was added to the audit log."""
    chain.extend_all(resources.sessions, resources.clock())


def _write_audit_head(resources: WorkerResources) -> None:
    """Write the head of the audit log's chain elsewhere."""
    with resources.readers() as session:
        head = chain.head(session)
    if head is not None:
        write_head(resources.settings.audit_heads, head)


def _follow_invitations(resources: WorkerResources) -> None:
    """Remind of what lapses within a day, let lapse what is over, number what has no number."""
    for do in (signing_deadlines.remind, signing_deadlines.lapse, agreement_papers.give_missing):
        with resources.sessions.begin() as session:
            do(session, resources.clock())


def _follow_reports(resources: WorkerResources) -> None:
    """Give reports that schools do not answer to those above them; close what was answered."""
    for do in (deadlines.raise_overdue, deadlines.close_answered):
        with resources.sessions.begin() as session:
            do(session, resources.clock())


def _follow_terminations(resources: WorkerResources) -> None:
    """Remind of terminations that wait for an answer; what is not answered goes to the school."""
    for do in (termination_deadlines.remind, termination_deadlines.escalate):
        with resources.sessions.begin() as session:
            do(session, resources.clock())


def _tell_employers(resources: WorkerResources) -> None:
    """Write the short messages to employers that are due, where there is a template for them."""
    if resources.settings.sms_employer_template_id:
        with resources.sessions.begin() as session:
            employer_texts.write_due(session, resources.clock())


def _end_with_the_year(resources: WorkerResources) -> None:
    """Stop the invitations of years that are closed, and end the agreements whose time is over."""
    with resources.sessions.begin() as session:
        invitation_ends.stop_closed(session, resources.clock())
    for _ in range(FULFILLED_A_TURN):
        with resources.sessions.begin() as session:
            if not fulfilment.fulfil(session, resources.clock()):
                break


def _follow_qualifications(resources: WorkerResources) -> None:
    """End the qualifications of employers whose time is over, and tell of those that end soon."""
    for do in (qualified.expire, qualified.warn):
        with resources.sessions.begin() as session:
            do(session, resources.clock())


def _tell_of_syncs(resources: WorkerResources) -> None:
    """Tell provinces and schools whose synchronisation has stopped or goes wrong."""
    with resources.sessions.begin() as session:
        at = resources.clock()
        sync_messages.write(session, sync_alarms.tell(session, at), at)


def _move_files(resources: WorkerResources) -> None:
    """Move what is kept long into the object store, and delete there what nothing names.

    A store that is away loses nothing: files stay in the database, names stay written down.
    """
    if resources.objects is None:
        return
    mover = Mover(resources.sessions, resources.vault, resources.objects, resources.clock)
    with resources.readers() as session:
        ids = session.scalars(object_moves.waiting(resources.clock()).limit(FILES_A_TURN)).all()
    try:
        until = time.monotonic() + FILES_SECONDS
        mover.delete_gone(until)
        for ident in ids:
            mover.out(ident)
            if stopping.is_set() or time.monotonic() > until:
                return
    except StoreAway as away:
        log.warning("files wait for the object store", why=away.why)


DUTIES = (
    Duty("expired", HOUR, _sweep_expired),
    Duty("unsent", MINUTE, _sweep_unsent),
    Duty("unionids", 5.0, _asking_wechat(_read_unionids)),
    Duty("unit names", MINUTE, _read_unit_names),
    Duty("counts", MINUTE, _fold_counts),
    Duty("files", MINUTE, _move_files),
    Duty("recount", MINUTE, _recount),
    Duty("retention", MINUTE, _forget, idle_seconds=HOUR),
    Duty("reminders", 10 * MINUTE, _remind),
    Duty("effects", MINUTE, _measure_reminders),
    Duty("followers", MINUTE, _asking_wechat(_read_followers)),
    Duty("templates", MINUTE, _asking_wechat(_read_templates)),
    Duty("mini templates", MINUTE, _asking_wechat(_read_mini_templates)),
    Duty("notices", 10.0, mini_notices.wake),
    Duty("blocked", HOUR, _asking_wechat(_ask_for_blocked)),
    Duty("alive", 10.0, _say_alive),
    Duty("ledger", 5.0, _count_on),
    Duty("tasks", 10.0, _carry_over),
    Duty("records", HOUR, _join_records),
    Duty("audit chain", MINUTE, _chain_audit_log),
    Duty("audit head", HOUR, _write_audit_head),
    Duty("invitations", MINUTE, _follow_invitations),
    Duty("reports", MINUTE, _follow_reports),
    Duty("terminations", MINUTE, _follow_terminations),
    Duty("employers", 5 * MINUTE, _tell_employers),
    Duty("years", HOUR, _end_with_the_year),
    Duty("qualifications", 10 * MINUTE, _follow_qualifications),
    Duty("syncs", 10 * MINUTE, _tell_of_syncs),
)
