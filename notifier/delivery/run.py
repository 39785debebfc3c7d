"""Delivery runs: claim, send and settle go on side by side until nothing is due.

One thread drives the calls; another claims the next chunk and a third settles the last, so that the
connections never wait for the database. No transaction is open across a call.
"""

import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto

import structlog
from sqlalchemy.exc import OperationalError

from notifier.delivery import answers, circuit_breaker
from notifier.delivery.answers import Answer
from notifier.delivery.cards import Cards, Ready
from notifier.delivery.claim import Claimed
from notifier.delivery.feeder import Feed, Feeder
from notifier.delivery.http_sender import HttpSender, Reply
from notifier.delivery.pace import Pace
from notifier.delivery.ready_queue import ReadyQueue
from notifier.delivery.school_queues import SchoolQueue
from notifier.delivery.settler import Settler
from notifier.delivery.verdict import Verdict
from notifier.ledger import outcomes
from notifier.ledger.outcomes import Reaction
from notifier.wechat.errors import GatewayError, TokenError
from notifier.wechat.gateway import Gateway
from registry.base.clock import Seconds, elapsed_seconds
from registry.base.database import database_now
from registry.base.errors import RuleError
from registry.base.gc_tuning import few_collections
from runtime import tracing
from runtime.resources import Resources

CHUNK_SECONDS = 2.0  # a message not begun this long after it became ready is given back unsent
AHEAD_SECONDS = 1.0  # how much work is claimed ahead at the rate this process was seen to have
LEAST_SECONDS = 0.2  # of the whole account's rate: how much is claimed before it is seen
MOST_AHEAD = 2000
IN_DOUBT_SECONDS = 5.0  # how long a run may begin with what was in flight when a process died
EVENTS_SECONDS = 0.1  # event messages are looked for this often, however much is ready
PAUSE = 0.005
TOKEN_TRIES = 2

log = structlog.get_logger(__name__)


@dataclass
class Delivered:
    """How many messages one run sent, and what came of them."""

    accepted: int = 0
    other: int = 0


class Phase(Enum):
    """What a run claims."""

    FIRST_IN_DOUBT = auto()
    """Only what was in flight when a process died, for `IN_DOUBT_SECONDS`."""
    DUE = auto()
    """Whatever is due."""
    LAST_IN_DOUBT = auto()
    """Nothing more was due: again what was in flight when a process died."""
    ENDING = auto()
    """Nothing: the time is up, or sending was stopped."""
    OVER = auto()


class Delivery:
    """One process's run of delivery."""

    def __init__(
        self, resources: Resources, gateway: Gateway, elapsed: Seconds = elapsed_seconds
    ) -> None:
        """Prepare the connections; nothing is claimed yet. `elapsed` counts suspension."""
        settings = resources.settings
        self._elapsed = elapsed
        self._resources = resources
        self._gateway = gateway
        self._feeder = Feeder(resources, elapsed)
        self._cards = Cards(resources)
        self._sender: HttpSender[Ready] = HttpSender(settings.send_connections, elapsed)
        self._pace = Pace(
            resources.redis,
            settings.wechat_app_id,
            settings.send_rate,
            go_on=settings.without_redis == "go_on",
        )
        self._ready = ReadyQueue()
        self._settler = Settler(resources)
        self._streaks = circuit_breaker.Streaks()
        self._stopped: set[tuple[int | None, str]] = set()  # campaign, kind
        self._all_stopped = False
        self._claimer = ThreadPoolExecutor(1)
        self._claiming: Future[Feed] | None = None
        self._asked = 0
        self._look_for_events = 0.0
        self._token = self._address = ""
        self._begun = time.monotonic()
        self.result = Delivered()

    def run(self, *, seconds: float, stop: Callable[[], bool]) -> Delivered:
        """Send until nothing is due, `seconds` are over or `stop` says so; settle everything."""
        until = self._begun + seconds
        self._get_token()
        try:
            self._loop(lambda: stop() or time.monotonic() > until)
        finally:
            self._sender.close()
            self._settler.close()
            self._claimer.shutdown()
        return self.result

    def _loop(self, ending: Callable[[], bool]) -> None:
        """Take turns of a few milliseconds until nothing is left to do.

        1. Put what the claiming thread has claimed into the ready queue.
        2. Where the run is to end, give back what is in the ready queue and claim no more.
        3. Else have the claiming thread claim more, if the ready queue runs low.
        4. Start the calls whose moment has come.
        5. Take the answers that came; each becomes a verdict.
        6. Have verdicts settled by the settling thread, a batch at a time.
        7. With nothing in hand, go on to the next phase.

        Each run begins with what was in flight when a process died, alone: its window may close
        before a long campaign is through. It ends with what has become so meanwhile.
        """
        phase = Phase.FIRST_IN_DOUBT
        while phase is not Phase.OVER:
            phase = self._take_claimed(phase)
            if ending() or self._all_stopped:
                phase = Phase.ENDING
                self._give_back_ready()
            if phase is Phase.DUE:
                self._claim_ahead()
            self._start_calls()
            for reply in self._sender.poll(self._patience()):
                self._hear(reply)
            self._settler.turn()
            if self._has_nothing_in_hand():
                phase = self._next_phase(phase)

    def _next_phase(self, phase: Phase) -> Phase:
        """Return what is claimed next, where nothing is in hand."""
        if phase is Phase.ENDING:
            return Phase.OVER
        if phase is Phase.DUE:
            return phase
        is_late = time.monotonic() > self._begun + IN_DOUBT_SECONDS
        if phase is Phase.FIRST_IN_DOUBT and is_late:
            return Phase.DUE
        if self._claim_in_doubt():
            return phase
        return Phase.DUE if phase is Phase.FIRST_IN_DOUBT else Phase.OVER

    # Claiming

    def _take_claimed(self, phase: Phase) -> Phase:
        """Put what was claimed into the ready queue; go on where nothing more was due."""
        if self._claiming is None or not self._claiming.done():
            return phase
        feed, self._claiming = self._claiming.result(), None
        self._enqueue(feed)
        none_due = feed.seen == 0 and not feed.cut_short and self._asked > 0
        if phase is Phase.DUE and none_due and not self._ready:
            return Phase.LAST_IN_DOUBT
        return phase

    def _claim_ahead(self) -> None:
        """Have more claimed when half of the work ahead is begun, and events again and again."""
        if self._claiming is not None:
            return
        wanted = self._work_ahead()
        runs_low = len(self._ready) <= wanted // 2
        now = time.monotonic()
        if runs_low or now >= self._look_for_events:
            self._look_for_events = now + EVENTS_SECONDS
            self._asked = wanted if runs_low else 0
            events = wanted - self._ready.events
            self._claiming = self._claimer.submit(self._feeder.next, self._asked, events)

    def _work_ahead(self) -> int:
        """Return how many messages a second of work is, at this process's part of the rate."""
        settings = self._resources.settings
        sent = self.result.accepted + self.result.other
        seen = sent / max(0.5, time.monotonic() - self._begun)
        least = settings.send_connections
        if settings.send_rate:
            least = max(1, round(settings.send_rate * LEAST_SECONDS))
        return int(min(MOST_AHEAD, max(least, seen * AHEAD_SECONDS)))

    def _claim_in_doubt(self) -> int:
        """Claim what was in flight when a process died; return how many messages were seen."""
        feed = self._feeder.in_doubt()
        self._enqueue(feed)
        return feed.seen

    def _enqueue(self, feed: Feed) -> None:
        for share in (*feed.events, *feed.others):
            latest = share.chunk.fence.latest if share.chunk.fence else -math.inf
            begin_by = min(latest, self._elapsed() + CHUNK_SECONDS)
            for message in share.chunk.claimed:
                self._prepare(share.queue, message, begin_by, latest)

    def _prepare(
        self, queue: SchoolQueue, message: Claimed, begin_by: float, latest: float
    ) -> None:
        try:
            body, template = self._cards.body(queue, message)
        except RuleError as refusal:
            self._refuse_unsent(message, refusal.code)
        except OperationalError:  # the template could not be read: the message waits on
            self._settler.add(Verdict(message, None))
        else:
            self._ready.add(Ready(queue, message, body, template, begin_by, latest))

    def _refuse_unsent(self, message: Claimed, code: str) -> None:
        if code == "field_impossible":
            self._settler.add(Verdict(message, None, code))
        else:
            self._judge(message, Answer(outcomes.TEMPLATE_MISSING, None, code))

    # Sending

    def _start_calls(self) -> None:
        """Start what has a free connection and a moment to start at."""
        for late in self._ready.take_late(self._elapsed()):
            self._settler.add(Verdict(late.message, None))
        while self._ready and self._sender.free:
            if self._is_stopped(self._ready.first.message):
                self._settler.add(Verdict(self._ready.take().message, None, stopped=True))
                continue
            if self._feeder.database_away:  # nor could its answer be written down
                return
            moment = self._pace.next_moment(len(self._ready))
            if moment is None:  # the limiter is away, and the settings say to wait for it
                self._all_stopped = True
            if moment is None or moment > time.monotonic():
                return
            self._pace.take()
            self._send(self._ready.take())

    def _is_stopped(self, message: Claimed) -> bool:
        return self._all_stopped or (message.campaign_id, message.kind) in self._stopped

    def _send(self, ready: Ready) -> None:
        ready.token, ready.began = self._token, tracing.moment()
        self._sender.send(ready, self._address, ready.body, latest=ready.latest)

    def _get_token(self) -> None:
        self._token = self._gateway.tokens.current()
        url = self._resources.settings.wechat_api_url
        self._address = f"{url}/cgi-bin/message/template/send?access_token={self._token}"

    def _patience(self) -> float:
        """Return how long answers may be waited for before something else is due."""
        if not self._ready:
            return PAUSE
        moment = self._pace.next_moment(len(self._ready)) if self._sender.free else None
        wait = PAUSE if moment is None else moment - time.monotonic()
        return min(max(wait, 0.0), PAUSE)

    def _hear(self, reply: Reply[Ready]) -> None:
        ready = reply.tag
        answer = answers.read(left=reply.left, status=reply.status, body=reply.body)
        if answer.outcome.reaction is Reaction.TOKEN and self._with_new_token(ready):
            self._ready.put_back(ready)
            return
        answer = self._of_the_template(ready, answer)
        _trace(ready, answer)
        if answer.outcome.code in outcomes.TEMPLATE_REFUSED and self._is_outdated(ready):
            self._settler.add(Verdict(ready.message, None))  # it leaves with the new one
        else:
            self._judge(ready.message, answer)

    def _of_the_template(self, ready: Ready, answer: Answer) -> Answer:
        """Where a field is missed that our template does not have, it is another one by now."""
        if answer.outcome.reaction is Reaction.TEXT:
            named = answers.named_field(answer.detail)
            if named is not None and named not in ready.template.fields.values():
                return answer._replace(outcome=outcomes.TEMPLATE_CHANGED)
        return answer

    def _is_outdated(self, ready: Ready) -> bool:
        try:
            return self._cards.is_outdated(ready)
        except OperationalError:  # then what WeChat says stands
            return False

    def _with_new_token(self, ready: Ready) -> bool:
        """Renew the token that was refused, once for all it was used for; say whether to retry."""
        ready.token_tries += 1
        if ready.token_tries > TOKEN_TRIES:
            return False
        if ready.token == self._token:
            try:
                self._gateway.tokens.refused(ready.token)
                self._get_token()
            except TokenError as error:
                self._stop(circuit_breaker.Stop(None, error.outcome, str(error)))
                return False
            except GatewayError:
                return False  # no new token for now: the message waits its turn again
        return True

    def _judge(self, message: Claimed, answer: Answer) -> None:
        stop = self._streaks.note(message, answer.outcome, answer.detail)
        self._settler.add(Verdict(message, answer, alone=stop is None))
        if answer.outcome is outcomes.ACCEPTED:
            self.result.accepted += 1
        else:
            self.result.other += 1
        if answer.outcome.code == "minute_limit":
            self._pace.slow_down()
        if stop is not None:
            self._stop(stop, message)

    def _stop(self, stop: circuit_breaker.Stop, because_of: Claimed | None = None) -> None:
        stopped = stop.campaign_id, stop.kind
        if stopped in self._stopped or self._all_stopped:
            return
        log.warning(
            "sending stopped",
            code=stop.outcome.code,
            campaign=stop.campaign_id,
            kind=stop.kind,
        )
        self._settler.add_stop(stop, because_of)
        self._all_stopped = stop.whole_account
        self._stopped.add(stopped)

    def _give_back_ready(self) -> None:
        while self._ready:
            self._settler.add(Verdict(self._ready.take().message, None))

    def _has_nothing_in_hand(self) -> bool:
        """Say whether nothing is being claimed, ready, in flight or unsettled."""
        return not (self._ready or self._sender.in_flight or self._claiming or self._settler.busy)


def _trace(ready: Ready, answer: Answer) -> None:
    """Write down a call as part of what wrote its message."""
    message, outcome = ready.message, answer.outcome.code
    facts: dict[str, str | int] = {"quxiang.kind": message.kind, "quxiang.try": message.tries}
    tracing.record("send", message.trace, ready.began, **facts, **{"quxiang.outcome": outcome})


def deliver(
    resources: Resources,
    gateway: Gateway,
    *,
    seconds: float = 50,
    stop: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send what is due until nothing is, for at most `seconds` plus the calls in flight.

    An account that cannot get a token is paused, with the reason.
    """
    try:
        delivery = Delivery(resources, gateway)
        with few_collections():
            return delivery.run(seconds=seconds, stop=stop)
    except TokenError as error:
        with resources.sessions.begin() as session:
            halt = circuit_breaker.Stop(None, error.outcome, str(error))
            circuit_breaker.apply(session, resources.settings, halt, database_now(session))
    except GatewayError as error:
        log.warning("no token for now", code=error.outcome.code)
    return Delivered()
