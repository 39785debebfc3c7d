/* quota.pml: the quota of a day and the cap of a person, under two claims at once and over midnight.

   Concern      No more calls than the quota of the day; a person gets one campaign message a day; what
                was reserved and not called is given back once, to the day it was reserved on.
   Abstraction  READ COMMITTED by hand: a claim takes the lock, then looks (a new snapshot), then writes.
                Two campaigns, each with one message to the same person, and a worker for each.
   Left out     The share kept for event messages, crashes (what they reserved stays reserved).

   World        MIDNIGHT UNHEARD (a settlement is committed, nobody hears of it, it is written again)
                LOSS (an answer is lost, and the message waits for its repeat)
   Undone       WITHOUT_LOCK WITHOUT_ONE_LOCK (each day has a lock of its own) WITHOUT_OPEN_COUNTED
                (what is under way counts only for the day it began on) WITHOUT_MOVED_ONLY (what the
                settlement did not move is given back too) WITHOUT_ITS_DAY (given back to today) */

#include "moves.pml"

#define QUOTA 2
#define CAP 1
#define NOBODY 9
#define NEVER 9

mtype = { IDLE, BEGUN, INSIDE, CLAIMED, ANSWERED, SETTLED };
mtype = { NOT_CALLED, TOOK, LOST };

byte today = 0;
byte lock[2] = NOBODY;                   /* by day; the first serves for all where there is one */
byte reserved[2], used[2];               /* by the day of the claim */
byte seen[2];                            /* by the day she saw it */

mtype state[2] = WAITING;
byte maybe_on[2] = NEVER, accepted_on[2] = NEVER;
bool came[2];

mtype at[2] = IDLE;
byte day[2];                             /* of the claim, read behind the lock */
byte locked[2] = NOBODY;
bool allowed[2];
mtype answer[2] = NOT_CALLED;
byte unheard = 1, late = 1, lost = 1;

#ifdef WITHOUT_ONE_LOCK
#define LOCK_OF(d) d
#else
#define LOCK_OF(d) 0
#endif
#ifdef WITHOUT_LOCK
#define MAY_ENTER true
#else
#define MAY_ENTER (lock[LOCK_OF(today)] == NOBODY)
#endif
#define UNDER_WAY(j) (state[j] == SENDING || (state[j] == WAITING && maybe_on[j] != NEVER))
#ifdef WITHOUT_OPEN_COUNTED
#define COUNTS(j, d) (accepted_on[j] == d || (UNDER_WAY(j) && maybe_on[j] == d))
#else
#define COUNTS(j, d) (accepted_on[j] == d || UNDER_WAY(j))
#endif
#define IS_A_REPEAT(j) (maybe_on[j] != NEVER)
#ifdef WITHOUT_ITS_DAY
#define GIVEN_TO(i) today
#else
#define GIVEN_TO(i) day[i]
#endif

/* code: notifier.ledger.quota.give_back */
inline give_back(d) {
    if :: reserved[d] > 0 -> reserved[d]-- :: else fi
}
/* code: notifier.delivery.settle._accepting, notifier.delivery.settle._write */
inline settle(i) {
    if
    :: state[i] == SENDING ->
        if
        :: answer[i] == TOOK -> MOVE_ACCEPT(state[i]); accepted_on[i] = today; used[day[i]]++
        :: answer[i] == LOST -> MOVE_GIVE_BACK(state[i]); used[day[i]]++
        :: answer[i] == NOT_CALLED -> MOVE_GIVE_BACK(state[i]); give_back(GIVEN_TO(i));
            if :: maybe_on[i] == day[i] && !allowed[i] -> maybe_on[i] = NEVER :: else fi
        fi
    :: else ->
#ifdef WITHOUT_MOVED_ONLY
        if :: answer[i] == NOT_CALLED -> give_back(GIVEN_TO(i)) :: else fi
#else
        skip
#endif
    fi
}

active [2] proctype Worker() {
    byte i;
    bool repeat;
    i = _pid;
end:
    do
    :: atomic { at[i] == IDLE && state[i] == WAITING -> at[i] = BEGUN }
    :: atomic { at[i] == BEGUN && MAY_ENTER ->
        day[i] = today; at[i] = INSIDE;
#ifndef WITHOUT_LOCK
        locked[i] = LOCK_OF(today); lock[LOCK_OF(today)] = i;
#endif
        repeat = IS_A_REPEAT(i);
        allowed[i] = reserved[day[i]] < QUOTA && (repeat || !COUNTS(1 - i, day[i])) }
    /* code: notifier.delivery.claim._taking */
    :: atomic { at[i] == INSIDE ->
        if
        :: allowed[i] -> MOVE_CLAIM(state[i]); reserved[day[i]]++; at[i] = CLAIMED;
            if :: !repeat -> maybe_on[i] = day[i] :: else fi
        :: else -> MOVE_PUT_OFF(state[i]); at[i] = IDLE
        fi;
        if :: locked[i] != NOBODY -> lock[locked[i]] = NOBODY; locked[i] = NOBODY :: else fi;
        allowed[i] = repeat }
    :: atomic { at[i] == CLAIMED -> at[i] = ANSWERED;
        if
        :: answer[i] = TOOK; if :: !came[i] -> came[i] = true; seen[today]++ :: else fi
#ifdef LOSS
        :: lost > 0 -> lost--; answer[i] = LOST      /* not taken, and the refusal was lost */
        :: lost > 0 -> lost--; answer[i] = LOST; if :: !came[i] -> came[i] = true; seen[today]++ :: else fi
#endif
        :: late > 0 -> late--
        fi;
        assert(seen[0] <= CAP && seen[1] <= CAP) }
    :: atomic { at[i] == ANSWERED -> settle(i); at[i] = SETTLED }
#ifdef UNHEARD
    :: atomic { at[i] == SETTLED && unheard > 0 -> unheard--; settle(i) }
#endif
    :: atomic { at[i] == SETTLED ->
        at[i] = IDLE; answer[i] = NOT_CALLED; allowed[i] = false; repeat = false; day[i] = 0;
        assert(at[1 - i] != IDLE || (reserved[0] == used[0] && reserved[1] == used[1])) }
    od
}

active proctype Midnight() {
end:
    do
    :: false
#ifdef MIDNIGHT
    :: atomic { today == 0 -> today = 1 }
#endif
    od
}

/* At no moment are more calls possible than the quota allows. */
active proctype Judge() {
end:
    atomic { reserved[0] > QUOTA || reserved[1] > QUOTA -> assert(false) }
}
