/* campaign.pml: a campaign of two messages between the clicks of people and the work of machines.

   Concern      Nothing is claimed of a campaign that is paused, cancelled or past its last moment; a
                finished one has nothing open; each comes to its end, and its messages with it.
   Abstraction  A transaction is one step (finish.pml takes the end of a campaign apart). A window may
                close at any moment: there is no clock.
   Left out     WeChat's memory and doubles (delivery.pml), quiet hours, quota, more than two messages.

   Bounds       PAUSES CANCELS RETRIES STOPS DEATHS EXPIRIES: how many of each (1).
   World        LIVE (with the formula `ends`, checked under weak fairness)
   Undone       WITHOUT_LOOK_IN_CLAIM WITHOUT_UNSURE_CLOSE WITHOUT_CLOSE_AFTER_CANCEL
                WITHOUT_OPEN_ROWS_IN_FINISH WITHOUT_GO_ON */

#include "moves.pml"

#ifndef PAUSES
#define PAUSES 1
#endif
#ifndef CANCELS
#define CANCELS 1
#endif
#ifndef RETRIES
#define RETRIES 1
#endif
#ifndef STOPS
#define STOPS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef EXPIRIES
#define EXPIRIES 1
#endif
#define NOBODY 9
#define THE_DEAD 8                       /* whoever claimed it will never settle it */

mtype = { NOT_WRITTEN };
mtype = { IDLE, LOOKED, CLAIMED, ANSWERED };
mtype = { NOT_CALLED, TOOK, REFUSED, LOST };

mtype campaign = C_DRAFT;
bool begun = false, stopped = false, expired = false, account_paused = false;

mtype state[2] = NOT_WRITTEN;
bool maybe[2];                           /* an earlier call may have been taken */
bool came[2];                            /* it was taken: what the ledger does not know */
byte owner[2] = NOBODY;

mtype at[2] = IDLE;                      /* the workers */
byte has[2] = NOBODY;
mtype answer[2] = NOT_CALLED;
bool before[2];

byte pauses = PAUSES, cancels = CANCELS, retries = RETRIES, deaths = DEATHS, stops = STOPS;
byte account_pauses = 1, expiries = EXPIRIES, lost = 1, late = 1;

#define OPEN(j) (state[j] == WAITING || state[j] == SENDING)
#define UNDER_WAY (campaign == C_SENDING || campaign == C_WAITING)
#define ENDED (campaign == C_FINISHED || campaign == C_CANCELLED)

inline honest(j) { assert(!(state[j] == FAILED || state[j] == SKIPPED) || !came[j]) }

/* code: notifier.campaigns.campaigns.close_waiting */
inline close_one(j) {
    if
    :: state[j] == WAITING ->
#ifdef WITHOUT_UNSURE_CLOSE
        MOVE_SKIP(state[j]);
#else
        if :: maybe[j] -> MOVE_LOSE(state[j]) :: else -> MOVE_SKIP(state[j]) fi;
#endif
        honest(j)
    :: else
    fi
}
inline close_waiting() { close_one(0); close_one(1) }

#ifdef WITHOUT_LOOK_IN_CLAIM
#define MAY_SEND true
#else
#define MAY_SEND (campaign == C_SENDING && !expired)
#endif

/* code: notifier.delivery.claim._taking */
inline claim(i, j) {
    assert(campaign == C_SENDING && !expired);
    MOVE_CLAIM(state[j]); owner[j] = i; has[i] = j; before[i] = maybe[j]; maybe[j] = true; at[i] = CLAIMED
}
/* code: notifier.delivery.settle._accepting, notifier.delivery.settle._write */
inline settle(i, j) {
    if
    :: owner[j] == i && state[j] == SENDING ->
        owner[j] = NOBODY;
        if
        :: answer[i] == TOOK -> MOVE_ACCEPT(state[j])
        :: answer[i] == REFUSED && !before[i] -> MOVE_REFUSE(state[j])
        :: answer[i] == REFUSED && before[i] -> MOVE_LOSE(state[j])
        :: answer[i] == LOST -> MOVE_GIVE_BACK(state[j])
        :: answer[i] == NOT_CALLED -> MOVE_GIVE_BACK(state[j]); maybe[j] = before[i]
        fi;
        honest(j)
    :: else
    fi
}
inline forget(i) { has[i] = NOBODY; before[i] = false; answer[i] = NOT_CALLED; at[i] = IDLE }

active [2] proctype Worker() {
    byte i, j;
    i = _pid;
end:
    do
    :: atomic { at[i] == IDLE && campaign == C_SENDING && !expired && !account_paused &&
                (state[0] == WAITING || state[1] == WAITING) -> at[i] = LOOKED }
    :: atomic { at[i] == LOOKED ->
        if
        :: state[0] == WAITING && MAY_SEND -> j = 0; claim(i, j)
        :: state[1] == WAITING && MAY_SEND -> j = 1; claim(i, j)
        :: !MAY_SEND || (state[0] != WAITING && state[1] != WAITING) -> at[i] = IDLE
        fi;
        j = 0 }
    :: atomic { at[i] == CLAIMED -> at[i] = ANSWERED; j = has[i];
        if
        :: answer[i] = TOOK; came[j] = true
        :: answer[i] = REFUSED
        :: lost > 0 -> lost--; answer[i] = LOST; came[j] = true
        :: lost > 0 -> lost--; answer[i] = LOST
        :: late > 0 -> late--                      /* given back unsent */
        fi;
        j = 0 }
    :: atomic { at[i] == ANSWERED -> j = has[i]; settle(i, j); forget(i); j = 0 }
    :: atomic { deaths > 0 && at[i] != IDLE -> deaths--; forget(i);
        if :: owner[0] == i -> owner[0] = THE_DEAD :: else fi;
        if :: owner[1] == i -> owner[1] = THE_DEAD :: else fi }
    od
}

/* code: notifier.delivery.sweep._take_over_expired */
inline take_over(j) {
    if
    :: owner[j] == THE_DEAD -> owner[j] = NOBODY; if :: state[j] == SENDING -> MOVE_GIVE_BACK(state[j]) :: else fi
    :: else
    fi
}
#ifdef WITHOUT_OPEN_ROWS_IN_FINISH
#define FINISHED_WITH(j) (state[j] != SENDING)
#else
#define FINISHED_WITH(j) (!OPEN(j))
#endif
#ifdef WITHOUT_CLOSE_AFTER_CANCEL
#define LATE_ROWS false
#else
#define LATE_ROWS (campaign == C_CANCELLED && (state[0] == WAITING || state[1] == WAITING))
#endif
#ifdef WITHOUT_GO_ON
#define GOES_ON false
#else
#define GOES_ON (!account_paused && campaign == C_WAITING)
#endif

active proctype Sweeper() {
end:
    do
    :: atomic { owner[0] == THE_DEAD || owner[1] == THE_DEAD -> take_over(0); take_over(1) }
    /* code: notifier.delivery.sweep._close_windows */
    :: atomic { state[0] == WAITING && maybe[0] -> MOVE_LOSE(state[0]) }
    :: atomic { state[1] == WAITING && maybe[1] -> MOVE_LOSE(state[1]) }
    /* code: notifier.delivery.sweep._wait_for_the_account, notifier.delivery.sweep._end_expired,
       notifier.delivery.sweep._finish, notifier.delivery.sweep._close_given_back */
    :: atomic { account_paused && campaign == C_SENDING -> MOVE_C_WAIT(campaign) }
    :: atomic { GOES_ON -> MOVE_C_GO_ON(campaign) }
    :: atomic { expired && (UNDER_WAY || campaign == C_PAUSED) && begun -> MOVE_C_CANCEL(campaign); close_waiting() }
    :: atomic { UNDER_WAY && FINISHED_WITH(0) && FINISHED_WITH(1) -> MOVE_C_FINISH(campaign);
        assert(!OPEN(0) && !OPEN(1)) }
    :: atomic { LATE_ROWS -> close_waiting() }
    od
}

/* code: notifier.campaigns.expansion._write_rows */
active proctype Expansion() {
end:
    do
    :: atomic { campaign == C_SCHEDULED && !expired -> MOVE_C_EXPAND(campaign); begun = true;
        state[0] = WAITING; state[1] = WAITING }
    :: atomic { campaign == C_SCHEDULED && expired -> MOVE_C_CANCEL(campaign) }
    od
}

/* code: notifier.campaigns.campaigns.send_again */
inline send_again(j) {
    if :: state[j] == FAILED -> MOVE_RETRY(state[j]); maybe[j] = false; came[j] = false :: else fi
}

active proctype People() {
end:
    do
    :: atomic { campaign == C_DRAFT -> MOVE_C_SCHEDULE(campaign) }
    :: atomic { pauses > 0 && MAY_C_PAUSE(campaign) -> pauses--; MOVE_C_PAUSE(campaign) }
    /* A row of refusals stops it. code: notifier.delivery.circuit_breaker.apply */
    :: atomic { stops > 0 && begun && MAY_C_PAUSE(campaign) -> stops--; stopped = true; MOVE_C_PAUSE(campaign);
        send_again(0); send_again(1) }
    /* code: notifier.campaigns.campaigns.take_refused_back */
    :: atomic { campaign == C_PAUSED && begun -> MOVE_C_RESUME(campaign);
        if :: stopped -> stopped = false; send_again(0); send_again(1) :: else fi }
    :: atomic { campaign == C_PAUSED && !begun -> MOVE_C_RETURN(campaign) }
    :: atomic { cancels > 0 && MAY_C_CANCEL(campaign) -> cancels--; MOVE_C_CANCEL(campaign); close_waiting() }
    :: atomic { retries > 0 && MAY_C_RETRY(campaign) && !expired && (state[0] == FAILED || state[1] == FAILED) ->
        retries--; MOVE_C_RETRY(campaign); send_again(0); send_again(1) }
    :: atomic { account_pauses > 0 && !account_paused -> account_pauses--; account_paused = true }
    :: atomic { account_paused -> account_paused = false }
    :: atomic { expiries > 0 -> expiries--; expired = true }
    od
}

/* When nothing can happen any more, campaign and messages are at their ends. */
active proctype Judge() {
end:
    timeout -> assert(ENDED); assert(!OPEN(0) && !OPEN(1))
}
#ifdef LIVE
ltl ends { <>[] (ENDED && !OPEN(0) && !OPEN(1)) }
#endif
