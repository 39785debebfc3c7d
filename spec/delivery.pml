/* delivery.pml: one message from its row to its end.

   Concern      Nobody gets it twice; what came is never called failed or skipped; what is called
                delivered came; it comes to an end by itself.
   Abstraction  One tick of the clock is 120 s: the window (480 s) is 4 ticks, WeChat's memory (600 s) 5.
                What a process does without being frozen takes less than a tick, so time passes only
                while each worker is idle, frozen, or waits for what a frozen one holds. A transaction
                is one step. Only the claim is taken apart: it reads the process's own clock, locks the
                day's quota, locks the row, commits.
   Left out     Pace, fair shares, quiet hours, tokens, other messages, more than two workers.
   Assumed      WeChat drops a repeat of (openid, client_msg_id) for 600 s after the one it took.

   Bounds       FREEZES CRASHES BAD (answers lost, calls that never left): how many of each.
   World        PROMPT (the sweeper misses no tick) RECEIPTS UNHEARD (a commit nobody heard of) UNBIND
                REBIND CANCEL RETRY PREFERS (the campaign prefers delivery) STAYS_FROZEN (no thaw)
                LIVE (with the formula `ends`, checked under weak fairness)
   Undone       WITHOUT_BEGIN_BY WITHOUT_LAST_LOOK WITHOUT_FENCE WITHOUT_REBOUND WITHOUT_TIMEOUT
                WITHOUT_MEMORY_OF_CALLS WITHOUT_WINDOW_IN_CLAIM WITHOUT_UNSURE_REFUSAL
                WITHOUT_UNSURE_CLOSE WITHOUT_WINDOW_KEPT WITHOUT_TAKEOVER WITHOUT_MARGIN
                WITHOUT_REPEAT_DOUBTED WITHOUT_OTHER_COPY */

#include "moves.pml"

#ifndef FREEZES
#define FREEZES 0
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef BAD
#define BAD 0
#endif
#ifndef LAST_TICK
#define LAST_TICK 12
#endif
#ifdef WITHOUT_MARGIN
#define WINDOW 6
#else
#define WINDOW 4                         /* ticks */
#endif
#define MEMORY 5                         /* ticks */
#define CRASH_LIMIT 3
#define NONE 255

mtype = { IDLE, ASKED, LOCKED, TAKEN, CLAIMED, READY, CALLING, ANSWERED };
mtype = { NOT_CALLED, TOOK, REFUSED, LOST, NEVER_LEFT };

byte now = 0;

/* The message's row.
   code: notifier.ledger.notices.write, notifier.campaigns.test_send._write
   Not modelled, since they write neither state nor window:
   left out: notifier.delivery.circuit_breaker._hold_events, notifier.delivery.claim._defer_to_morning
   left out: notifier.campaigns.authorization_ends._write, notifier.campaigns.signing_deadlines.remind,
             notifier.campaigns.termination_deadlines.remind,
             notifier.ledger.graduate_inbox.mark_read
   Moves no state, and only while nothing of the campaign is under way:
   left out: notifier.campaigns.merge._join_reminders_of_province */
mtype state = WAITING;
byte claim = 0, lease = NONE, maybe_since = NONE, crashes = 0, sent_to = NONE;
bool wx_msgid = false;                   /* WeChat's number is known */
bool once_called = false;                /* what `maybe_since` forgot for a campaign that prefers delivery */
byte name = 1;                           /* the next claim's name: never used twice */
byte window_of = 0;                      /* the claim that began the window */
byte quota_lock = NONE, row_lock = NONE; /* by which worker */
byte client_msg_id = 0;                  /* 1 after "retry failed" */
bool campaign_over = false;

/* The workers. */
mtype at[2] = IDLE;
bool frozen[2];
byte own_clock[2], clock[2];             /* read before, and behind, the locks */
byte mine[2], before[2], begin_by[2], whom[2], ident[2];
mtype answer[2] = NOT_CALLED;

/* WeChat and the person. */
byte took_at[2] = NONE;                  /* when it took the present client_msg_id, by openid */
byte took_old_at = NONE;                 /* when it took the one before "retry failed" */
byte seen = 0, seen_on[2];
bool receipt_ok = false, receipt_failed = false;
byte receipt_of = 0;
byte openid = 0;                         /* whom she is bound to */
bool can_bind = true, can_cancel = true, can_retry = true;

byte freezes = FREEZES, deaths = CRASHES, bad = BAD;

#define EARLY (now < LAST_TICK - 5)      /* the end of a fault is to be seen before the clock stops */
#define AT_ITS_END (state == ACCEPTED || state == DELIVERED || state == FAILED || state == UNKNOWN || state == SKIPPED)
#define ROW_FREE(who) (row_lock == NONE || row_lock == who)
#define SWEEPER 9
#define MAY_HAVE_COME (maybe_since != NONE || once_called)
#define LEASE_OVER (state == SENDING && now > lease)
#define WINDOW_OVER (state == WAITING && maybe_since != NONE && now - maybe_since >= WINDOW)
#define GIVEN_BACK_LATE (campaign_over && state == WAITING)

#ifdef WITHOUT_TIMEOUT
#define HOLDS_UP(other) (quota_lock == other && frozen[other])
#else
#define HOLDS_UP(other) false            /* the server ends a silent transaction in seconds */
#endif
#define IN_A_TRANSACTION(i) (at[i] == LOCKED || at[i] == TAKEN)
#ifdef WITHOUT_TIMEOUT
#define MAY_STAY(i) frozen[i]
#else
#define MAY_STAY(i) (frozen[i] && !IN_A_TRANSACTION(i))
#endif
#define STANDS_STILL(i) (at[i] == IDLE || MAY_STAY(i) || (at[i] == ASKED && HOLDS_UP(1 - i)) || (at[i] == ANSWERED && row_lock == 1 - i && HOLDS_UP(1 - i)))
#ifdef PROMPT
#define SWEPT (!ROW_FREE(SWEEPER) || !(LEASE_OVER || WINDOW_OVER || GIVEN_BACK_LATE))
#else
#define SWEPT true
#endif

/* What must never be. */
inline honest() {
    assert(!(state == FAILED || state == SKIPPED) || seen == 0);
    assert(state != DELIVERED || seen > 0)
}
inline seen_once() {
#if defined(PREFERS)
    skip
#else
    assert(seen <= 1)
#endif
}

/* An end without a call: skipped, or unknown where it may have come. */
inline close() {
#ifdef WITHOUT_UNSURE_CLOSE
    MOVE_SKIP(state);
#else
    if
    :: MAY_HAVE_COME -> MOVE_LOSE(state)
    :: else -> MOVE_SKIP(state)
    fi;
#endif
    honest()
}
inline forget(i) {
    own_clock[i] = 0; clock[i] = 0; mine[i] = 0; before[i] = NONE; begin_by[i] = 0;
    whom[i] = 0; ident[i] = 0; answer[i] = NOT_CALLED; at[i] = IDLE
}
inline unlock(i) {
    if :: quota_lock == i -> quota_lock = NONE :: else fi;
    if :: row_lock == i -> row_lock = NONE :: else fi
}

#ifdef WITHOUT_WINDOW_IN_CLAIM
#define IN_ITS_WINDOW(i) true
#else
#define IN_ITS_WINDOW(i) (maybe_since == NONE || clock[i] - maybe_since < WINDOW)
#endif
#ifdef PREFERS
#define REBOUND false                    /* sent again all the same */
#else
#ifdef WITHOUT_REBOUND
#define REBOUND false
#else
#define REBOUND (MAY_HAVE_COME && sent_to != openid)
#endif
#endif

/* code: notifier.delivery.claim._taking */
inline take(i) {
    if
    :: row_lock != NONE || state != WAITING || campaign_over || !IN_ITS_WINDOW(i) -> unlock(i); forget(i)
    :: else ->
        if
        :: openid == NONE -> close(); unlock(i); forget(i)
        :: openid != NONE && REBOUND -> MOVE_LOSE(state); unlock(i); forget(i)
        :: else -> row_lock = i; whom[i] = openid; at[i] = TAKEN
        fi
    fi
}
inline commit_claim(i) {
    before[i] = maybe_since;
#ifndef WITHOUT_OTHER_COPY               /* to another openid WeChat recognises no repeat */
    if :: MAY_HAVE_COME && sent_to != whom[i] -> once_called = true :: else fi;
#endif
    if :: maybe_since == NONE -> maybe_since = clock[i]; window_of = name :: else fi;
    MOVE_CLAIM(state);
    claim = name; mine[i] = name; name++; lease = clock[i]; sent_to = whom[i]; ident[i] = client_msg_id;
    unlock(i); at[i] = CLAIMED
}

/* code: notifier.delivery.claim.give_back */
inline give_back_unheard(i) {
    if
    :: claim == mine[i] && state == SENDING ->
        MOVE_GIVE_BACK(state); claim = 0; lease = NONE;
        if :: window_of == mine[i] -> maybe_since = NONE :: else fi
    :: else
    fi;
    forget(i)
}

/* code: notifier.delivery.settle._accepting, notifier.delivery.settle._write */
#ifdef WITHOUT_FENCE
#define IS_MINE(i) (state == SENDING)
#else
#define IS_MINE(i) (claim == mine[i] && state == SENDING)
#endif
#ifdef WITHOUT_UNSURE_REFUSAL
#define FIRST_CALL(i) true
#else
#define FIRST_CALL(i) (before[i] == NONE && !once_called)
#endif
inline settle(i) {
    if
    :: IS_MINE(i) ->
        if
        :: answer[i] == TOOK -> MOVE_ACCEPT(state); wx_msgid = true
        :: answer[i] == REFUSED && FIRST_CALL(i) -> MOVE_REFUSE(state)
        :: answer[i] == REFUSED && !FIRST_CALL(i) -> MOVE_LOSE(state)
        :: answer[i] == LOST -> MOVE_GIVE_BACK(state)
        :: answer[i] == NEVER_LEFT || answer[i] == NOT_CALLED -> MOVE_GIVE_BACK(state);
#ifdef WITHOUT_WINDOW_KEPT
            maybe_since = NONE
#else
            maybe_since = before[i]
#endif
        fi;
        claim = 0; lease = NONE
    :: else
    fi;
    honest(); forget(i)
}

/* A call reaches WeChat for openid o: taken, unless it is a repeat that is recognised. */
inline wechat_takes(i, o) {
    if
    :: ident[i] != client_msg_id && took_old_at != NONE && now - took_old_at < MEMORY -> skip
    :: ident[i] == client_msg_id && took_at[o] != NONE && now - took_at[o] < MEMORY -> skip
    :: else ->
        if :: ident[i] == client_msg_id -> took_at[o] = now :: else -> took_old_at = now fi;
        receipt_of = o;
        if
        :: seen++; seen_on[o]++; receipt_ok = true
#ifdef RECEIPTS
        :: !receipt_ok -> receipt_failed = true      /* taken, but not shown: she blocks messages */
#endif
        fi
    fi
}
inline call(i) {
    if
    :: wechat_takes(i, whom[i]); answer[i] = TOOK
    :: bad > 0 -> bad--; wechat_takes(i, whom[i]); answer[i] = LOST
    :: bad > 0 -> bad--; answer[i] = LOST            /* not taken, and the refusal was lost */
    :: answer[i] = REFUSED
    :: bad > 0 -> bad--; answer[i] = NEVER_LEFT
    fi;
    at[i] = ANSWERED; seen_once(); honest()
}

#ifdef WITHOUT_BEGIN_BY
#define TO_BEGIN_BY(i) now               /* counted from when it is made ready */
#else
#define TO_BEGIN_BY(i) own_clock[i]      /* counted from before the claim read the database's clock */
#endif
#ifdef WITHOUT_LAST_LOOK
#define IN_TIME(i) true
#else
#define IN_TIME(i) (now == begin_by[i])
#endif

proctype Worker(byte i) {
end:
    do
    :: atomic { !frozen[i] && at[i] == IDLE && state == WAITING && !campaign_over ->
        own_clock[i] = now; at[i] = ASKED }
    :: atomic { !frozen[i] && at[i] == ASKED && quota_lock == NONE ->
        quota_lock = i; clock[i] = now; at[i] = LOCKED }
    :: atomic { !frozen[i] && at[i] == LOCKED -> take(i) }
    :: atomic { !frozen[i] && at[i] == TAKEN -> commit_claim(i) }
#ifdef UNHEARD
    :: atomic { !frozen[i] && at[i] == CLAIMED && ROW_FREE(i) && bad > 0 -> bad--; give_back_unheard(i) }
#endif
    :: atomic { !frozen[i] && at[i] == CLAIMED -> begin_by[i] = TO_BEGIN_BY(i); at[i] = READY }
    :: atomic { !frozen[i] && at[i] == READY ->
        if :: now > begin_by[i] -> at[i] = ANSWERED :: else -> at[i] = CALLING fi }
    :: atomic { !frozen[i] && at[i] == CALLING && IN_TIME(i) -> call(i) }
    :: atomic { !frozen[i] && at[i] == CALLING && !IN_TIME(i) -> at[i] = ANSWERED }
    :: atomic { !frozen[i] && at[i] == ANSWERED && ROW_FREE(i) -> settle(i) }
    /* What may befall it. */
    :: atomic { !frozen[i] && at[i] != IDLE && freezes > 0 && EARLY -> freezes--; frozen[i] = true }
#ifndef STAYS_FROZEN
    :: atomic { frozen[i] -> frozen[i] = false }
#endif
#ifndef WITHOUT_TIMEOUT
    :: atomic { frozen[i] && IN_A_TRANSACTION(i) -> unlock(i); forget(i) }
#endif
    :: atomic { at[i] != IDLE && deaths > 0 && EARLY -> deaths--; frozen[i] = false; unlock(i); forget(i) }
    od
}

proctype Sweeper() {
end:
    do
#ifndef WITHOUT_TAKEOVER
    /* code: notifier.delivery.sweep._take_over_expired */
    :: atomic { LEASE_OVER && ROW_FREE(SWEEPER) ->
        crashes++; claim = 0; lease = NONE;
        if :: crashes >= CRASH_LIMIT -> MOVE_LOSE(state) :: else -> MOVE_GIVE_BACK(state) fi }
#endif
    /* code: notifier.delivery.sweep._close_windows */
    :: atomic { WINDOW_OVER && ROW_FREE(SWEEPER) ->
#ifdef PREFERS
        maybe_since = NONE;
#ifndef WITHOUT_MEMORY_OF_CALLS
        once_called = true
#endif
#else
        MOVE_LOSE(state)
#endif
      }
    :: atomic { GIVEN_BACK_LATE && ROW_FREE(SWEEPER) -> close() }
    od
}

proctype Clock() {
end:
    do
    :: atomic { now < LAST_TICK && STANDS_STILL(0) && STANDS_STILL(1) && SWEPT -> now++ }
    od
}

/* code: notifier.ledger.receipts._repeated */
#ifdef WITHOUT_REPEAT_DOUBTED
#define REPEATED false
#else
#define REPEATED once_called             /* another copy than the one that failed may have come */
#endif

proctype World() {
end:
    do
    :: false
#ifdef RECEIPTS
    /* code: notifier.ledger.receipts.move, notifier.ledger.receipts._move */
    :: atomic { (receipt_ok || receipt_failed) && ROW_FREE(SWEEPER) && MAY_RECEIPT_OK(state) &&
                (wx_msgid || (MAY_HAVE_COME && sent_to == receipt_of && openid == receipt_of)) ->
        if
        :: receipt_ok -> MOVE_RECEIPT_OK(state); receipt_ok = false
        :: !receipt_ok && REPEATED -> MOVE_REPEAT_FAILED(state); receipt_failed = false
        :: !receipt_ok && !REPEATED -> MOVE_RECEIPT_FAILED(state); receipt_failed = false
        fi;
        claim = 0; lease = NONE; honest() }
    :: atomic { receipt_ok -> receipt_ok = false }   /* it never comes */
    :: atomic { receipt_failed -> receipt_failed = false }
#endif
#ifdef UNBIND
    :: atomic { can_bind -> can_bind = false; openid = NONE }
#endif
#ifdef REBIND
    :: atomic { can_bind -> can_bind = false; openid = 1 }
#endif
#ifdef CANCEL
    /* code: notifier.campaigns.campaigns.close_waiting, notifier.ledger.undone_imports._cancel_waiting,
       notifier.ledger.contact_rows.cancel_waiting */
    :: atomic { can_cancel && ROW_FREE(SWEEPER) -> can_cancel = false; campaign_over = true;
        if :: state == WAITING -> close() :: else fi }
#endif
#ifdef RETRY
    /* code: notifier.campaigns.campaigns.retry_failed, notifier.campaigns.campaigns.send_again */
    :: atomic { can_retry && state == FAILED && !campaign_over && ROW_FREE(SWEEPER) ->
        can_retry = false; can_cancel = false; MOVE_RETRY(state);
        took_old_at = took_at[0]; took_at[0] = NONE; client_msg_id = 1;
        maybe_since = NONE; once_called = false; crashes = 0; wx_msgid = false;
        receipt_ok = false; receipt_failed = false }
#endif
    od
}

/* When nothing can happen any more, the message is at its end. */
proctype Judge() {
end:
    timeout -> assert(AT_ITS_END)
}
#ifdef LIVE
ltl ends { <>[] AT_ITS_END }
#endif

init {
    atomic {
        before[0] = NONE; before[1] = NONE;
        run Worker(0); run Worker(1); run Sweeper(); run Clock(); run World(); run Judge()
    }
}
