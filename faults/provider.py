"""Faults of the platform: it refuses, mumbles, hangs, forgets to answer, goes away."""

import signal
from collections.abc import Callable

from faults.crashes import nothing_left_to_its_lease
from faults.oracle import Verdict
from faults.run import SEND, Run, Scenario
from notifier.ledger.states import MessageState as State

TOKENS = "/cgi-bin/stable_token"
MOST_TOKEN_CALLS = 15
QUOTA_SHARE = 0.4
PERSONS = 20
GONE_SECONDS = 10.0
DRIP_SECONDS = 80.0  # for an answer of about as many bytes


def _spoil(behaviour: str, **order: object) -> Callable[[Run], None]:
    """Have the platform misbehave from one point of the campaign to another."""

    def act(run: Run) -> None:
        run.reach(0.1, 0.2)
        with run.spoilt(behaviour, **order):
            run.reach(0.7, 0.8)

    return act


def _refuse(name: str, errcode: int, reason: str) -> Scenario:
    """Have the platform refuse some people for good: exactly they fail, and for this reason."""

    def act(run: Run) -> None:
        run.reach(0.05, 0.2)
        with run.spoilt("errcode", errcode=errcode, share=0.03):
            run.reach(0.7, 0.9)
        run.allowed.failed = run.hits

    def after(run: Run, verdict: Verdict) -> None:
        reasons = run.reasons(State.FAILED)
        verdict.hold(reasons == {reason}, f"{errcode} is kept as {sorted(reasons)}, not {reason}")

    return Scenario(name, f"{errcode} to 3 %", act, after)


def _refuse_after_silence(run: Run) -> None:
    """Take a message without answering, then refuse its repeat: it came, and must not be failed."""
    chosen = run.chance.sample(list(run.openids), PERSONS)
    control = run.house.control
    for openid in chosen:
        control.fault("receipt_never", path=SEND, openid=openid)
        control.fault("drop", path=SEND, openid=openid, accept=True, times=1)
        control.fault("errcode", path=SEND, openid=openid, errcode=43004)
    run.allowed.unsure = PERSONS


def _all_unknown(_run: Run, verdict: Verdict) -> None:
    unknown = verdict.states["unknown"]
    verdict.hold(unknown == PERSONS, f"{unknown} are unknown of {PERSONS} that cannot be known")


def _use_up_quota(run: Run) -> None:
    """Let the platform's quota end at a share of the campaign; at midnight it is given anew."""
    run.house.control.configure(template_quota=int(QUOTA_SHARE * run.recipients))
    run.wait_for(lambda: run.paused() == "quota_used_up", "the account waits for midnight", 120)
    run.hold_silent("without a quota")
    run.house.control.configure(template_quota=100 * run.recipients)
    run.pass_midnight()


def _revoke_tokens(errcode: int) -> Callable[[Run], None]:
    """End every token, twice."""

    def act(run: Run) -> None:
        for low, high in ((0.1, 0.4), (0.5, 0.8)):
            run.reach(low, high)
            run.house.control.revoke_tokens(errcode)

    return act


def _refuse_all_tokens(run: Run) -> None:
    """Refuse every token, new ones too, until somebody looks after it."""
    run.reach(0.2, 0.5)
    with run.spoilt("errcode", errcode=40001):
        run.wait_for(lambda: run.paused() is not None, "the account has paused itself", 120)
        run.hold_silent("by a paused account")
    run.resume_account()


def _few_token_calls(run: Run, verdict: Verdict) -> None:
    calls = run.house.control.counts(openid="-")["paths"].get(TOKENS, 0)
    verdict.hold(calls <= MOST_TOKEN_CALLS, f"{calls} calls for a token")


def _ban_template(errcode: int) -> Callable[[Run], None]:
    """Ban the template: the campaign pauses at the first word, and goes on when told to."""

    def act(run: Run) -> None:
        run.reach(0.2, 0.6)
        template = next(run.house.control.messages())["template_id"]
        run.house.control.ban_template(template, errcode)
        run.wait_for(lambda: run.state() == "paused", "the campaign has paused itself", 60)
        run.hold_silent("by a paused campaign")
        run.house.control.ban_template(template, 0)
        run.resume_campaign()

    return act


def _drip(run: Run) -> None:
    """Have some answers come a byte a second: each is given up in time, and asked for again."""
    for openid in run.chance.sample(list(run.openids), PERSONS):
        run.house.control.fault("receipt_never", path=SEND, openid=openid)
        run.house.control.fault("drip", path=SEND, openid=openid, times=1, seconds=DRIP_SECONDS)


def _asked_again(run: Run, verdict: Verdict) -> None:
    """Hold that nobody heard a dripping answer out: each was given up, and its call repeated."""
    nothing_left_to_its_lease(run, verdict)
    sends = run.sends()
    wanted = run.recipients + PERSONS
    verdict.hold(sends == wanted, f"{sends} calls where {wanted} make {PERSONS} repeats")


def _kill_platform(run: Run) -> None:
    """Let the platform vanish, connections and all, and come back."""
    run.reach(0.2, 0.6)
    run.house.sandbox.leave_down()
    run.house.sandbox.send(signal.SIGKILL)
    run.note_in_flight()
    run.sleep(GONE_SECONDS)
    run.house.start_sandbox_again()


def _lose_early(run: Run) -> None:
    """Lose answers early in a campaign that outlasts the window: each is asked for again in it."""
    run.reach(0.0, 0.05)
    order = run.house.control.fault("drop", path=SEND, accept=True, times=PERSONS)
    run.wait_for(lambda: run.struck(order) == PERSONS, "the answers are lost", 60)


PROVIDER = (
    Scenario("busy", "-1 to a fifth, none of them taken", _spoil("errcode", errcode=-1, share=0.2)),
    Scenario(
        "busy_taken",
        "-1 to a fifth, all of them taken",
        _spoil("errcode", errcode=-1, share=0.2, accept=True),
    ),
    Scenario("quota", "45009 at 40 % of the campaign, until midnight", _use_up_quota),
    Scenario(
        "token_revoked",
        "40001: every token revoked, twice",
        _revoke_tokens(40001),
        after=_few_token_calls,
    ),
    Scenario(
        "token_expired",
        "42001: every token expired, twice",
        _revoke_tokens(42001),
        after=_few_token_calls,
    ),
    Scenario(
        "token_lost",
        "40001 for ever, until an operator resumes",
        _refuse_all_tokens,
        after=_few_token_calls,
    ),
    _refuse("not_known", 40003, "bad_address"),
    _refuse("not_following", 43004, "not_following"),
    _refuse("refused", 43101, "refused"),
    _refuse("field_refused", 47003, "field_refused"),
    Scenario("banned", "43116: the template banned, until lifted", _ban_template(43116)),
    Scenario(
        "blocked", "40249: the template blocked for its words, until lifted", _ban_template(40249)
    ),
    Scenario("status", "HTTP 502 to a tenth, taken", _spoil("status", share=0.1, accept=True)),
    Scenario("status_untaken", "HTTP 502 to a tenth, not taken", _spoil("status", share=0.1)),
    Scenario("html", "a page with 200 to a tenth, not taken", _spoil("html", share=0.1)),
    Scenario("empty", "nothing with 200 to a tenth, not taken", _spoil("empty", share=0.1)),
    Scenario("object", "{} to a tenth, not taken", _spoil("object", share=0.1)),
    Scenario("array", "a list to a tenth, not taken", _spoil("array", share=0.1)),
    Scenario("truncated", "half an answer to a tenth", _spoil("truncated", share=0.1)),
    Scenario(
        "hang",
        "30 connections hang, the messages taken",
        _spoil("hang", times=30, accept=True, share=0.1),
    ),
    Scenario("drip", "20 answers come a byte a second", _drip, after=_asked_again),
    Scenario(
        "drop",
        "a tenth taken, then closed without an answer",
        _spoil("drop", share=0.1, accept=True),
    ),
    Scenario("reset", "a tenth taken, then reset", _spoil("reset", share=0.1, accept=True)),
    Scenario(
        "lost_early",
        "answers lost early in a campaign that outlasts the window (windows scaled)",
        _lose_early,
        changes=("short_windows",),
        length=50.0,
    ),
    Scenario(
        "refused_after_silence",
        "taken without an answer, the repeat refused, no receipt",
        _refuse_after_silence,
        after=_all_unknown,
    ),
    Scenario("platform_gone", "the platform killed, back after 10 s", _kill_platform),
)
