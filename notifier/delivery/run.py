"""Delivery runs: claim, send and settle go on side by side until nothing is due.

One thread drives the calls; another claims the next chunk and a third settles the last, so the wire
is never idle for the database. No transaction is open across a call.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import OperationalError

from notifier.delivery import answers, circuit_breaker
from notifier.delivery.answers import Answer
from notifier.delivery.cards import Cards, Ready
from notifier.delivery.claim import Claimed
from notifier.delivery.feeder import Feed, Feeder
from notifier.delivery.gc_tuning import few_collections
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
from registry.base.database import database_now
from registry.base.errors import RuleError
from runtime.resources import Resources

CHUNK_SECONDS = 2.0  # a message not begun this long after its claim is given back unsent
AHEAD_SECONDS = 1.0  # how much work is claimed ahead at the rate this process was seen to have
LEAST_SECONDS = 0.2  # of the whole account's rate: how much is claimed before it is seen
MOST_AHEAD = 2000
IN_DOUBT_SECONDS = 5.0  # how long a run may begin with what was in flight when a process died
EVENTS_SECONDS = 0.1  # event messages are looked for this often, however much is in line
PAUSE = 0.005
TOKEN_TRIES = 2

log = structlog.get_logger(__name__)


@dataclass
class Delivered:
    """How many messages one run sent, and what came of them."""

    accepted: int = 0
    other: int = 0


class Delivery:
    """One process's run of delivery."""

    def __init__(self, resources: Resources, gateway: Gateway) -> None:
        """Open the wire; nothing is claimed yet."""
        settings = resources.settings
        self._resources = resources
        self._gateway = gateway
        self._feeder = Feeder(resources)
        self._cards = Cards(resources)
        self._wire: HttpSender[Ready] = HttpSender(settings.send_connections)
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
            self._wire.close()
            self._settler.close()
            self._claimer.shutdown()
        return self.result

    def _loop(self, ending: Callable[[], bool]) -> None:
        """Begin with suspects, while nothing else is in hand; end with those there are by then.

        Each run begins so, since their window may close before a long campaign runs dry.
        """
        dry, begun = False, False
        while True:
            over = ending() or self._all_stopped
            if over:
                self._give_back_ready()
            dry = self._take_feed(dry=dry)
            if begun and not over and not dry:
                self._want_more()
            self._launch()
            for reply in self._wire.poll(self._patience()):
                self._hear(reply)
            self._settler.turn()
            if not self._quiet():
                continue
            late = time.monotonic() > self._begun + IN_DOUBT_SECONDS
            if over or (dry and not self._claim_in_doubt()):
                return
            begun = begun or late or not self._claim_in_doubt()

    # Claiming

    def _appetite(self) -> int:
        """Return how many messages a second of work is, at this process's part of the rate."""
        settings = self._resources.settings
        sent = self.result.accepted + self.result.other
        seen = sent / max(0.5, time.monotonic() - self._begun)
        least = settings.send_connections
        if settings.send_rate:
            least = max(1, round(settings.send_rate * LEAST_SECONDS))
        return int(min(MOST_AHEAD, max(least, seen * AHEAD_SECONDS)))

    def _want_more(self) -> None:
        if self._claiming is not None:
            return
        wanted = self._appetite()
        hungry = len(self._ready) <= wanted // 2
        now = time.monotonic()
        if hungry or now >= self._look_for_events:
            self._look_for_events = now + EVENTS_SECONDS
            self._asked = wanted if hungry else 0
            events = wanted - self._ready.events
            self._claiming = self._claimer.submit(self._feeder.next, self._asked, events)

    def _take_feed(self, *, dry: bool) -> bool:
        """Put what was claimed in line, events in front; say whether nothing more was due."""
        if self._claiming is None or not self._claiming.done():
            return dry
        feed, self._claiming = self._claiming.result(), None
        self._enqueue(feed)
        return feed.seen == 0 and not feed.cut_short and self._asked > 0 and not self._ready

    def _enqueue(self, feed: Feed) -> None:
        for queue, message in (*feed.events, *feed.others):
            self._prepare(queue, message)

    def _claim_in_doubt(self) -> bool:
        """With nothing else in hand, claim what was in flight when a process died."""
        feed = self._feeder.in_doubt()
        self._enqueue(feed)
        return feed.seen > 0

    def _prepare(self, queue: SchoolQueue, message: Claimed) -> None:
        try:
            body = self._cards.body(queue, message)
        except RuleError as refusal:
            self._refuse_unsent(message, refusal.code)
        except OperationalError:  # the template could not be read: the message waits on
            self._settler.add(Verdict(message, None))
        else:
            self._ready.add(Ready(queue, message, body, time.monotonic() + CHUNK_SECONDS))

    def _refuse_unsent(self, message: Claimed, code: str) -> None:
        if code == "field_impossible":
            self._settler.add(Verdict(message, None, code))
        else:
            self._judge(message, Answer(outcomes.TEMPLATE_MISSING, None, code))

    # Sending

    def _launch(self) -> None:
        """Start what has a free connection and a moment to start at."""
        for late in self._ready.take_late(time.monotonic()):
            self._settler.add(Verdict(late.message, None))
        while self._ready and self._wire.free:
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
        ready.token = self._token
        self._wire.send(ready, self._address, ready.body)

    def _get_token(self) -> None:
        self._token = self._gateway.tokens.current()
        url = self._resources.settings.wechat_api_url
        self._address = f"{url}/cgi-bin/message/template/send?access_token={self._token}"

    def _patience(self) -> float:
        """Return how long the wire may be waited for before something else is due."""
        if not self._ready:
            return PAUSE
        moment = self._pace.next_moment(len(self._ready)) if self._wire.free else None
        wait = PAUSE if moment is None else moment - time.monotonic()
        return min(max(wait, 0.0), PAUSE)

    def _hear(self, reply: Reply[Ready]) -> None:
        ready = reply.tag
        answer = answers.read(left=reply.left, status=reply.status, body=reply.body)
        if answer.outcome.reaction is Reaction.TOKEN and self._with_new_token(ready):
            self._ready.put_back(ready)
        else:
            self._judge(ready.message, answer)

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
        stop = self._streaks.note(message.campaign_id, message.kind, answer.outcome, answer.detail)
        self._settler.add(Verdict(message, answer, alone=stop is None))
        if answer.outcome is outcomes.ACCEPTED:
            self.result.accepted += 1
        else:
            self.result.other += 1
        if answer.outcome.code == "minute_limit":
            self._pace.slow_down()
        if stop is not None:
            self._stop(stop)

    def _stop(self, stop: circuit_breaker.Stop) -> None:
        stopped = stop.campaign_id, stop.kind
        if stopped in self._stopped or self._all_stopped:
            return
        log.warning(
            "sending stopped",
            code=stop.outcome.code,
            campaign=stop.campaign_id,
            kind=stop.kind,
        )
        self._settler.add_stop(stop)
        self._all_stopped = stop.whole_account
        self._stopped.add(stopped)

    def _give_back_ready(self) -> None:
        while self._ready:
            self._settler.add(Verdict(self._ready.take().message, None))

    def _quiet(self) -> bool:
        """Say whether nothing is claimed, in line, in flight or unsettled."""
        return not (self._ready or self._wire.in_flight or self._claiming or self._settler.busy)


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
