/* receipts.pml: two messages to one WeChat. Which one does a receipt move?

   Concern      A receipt moves the message that it is about, or none.
   Abstraction  Order only, no times: a receipt may be worked on at any moment, also long after its
                message. (24 h of matching by person and the 5 s of patience are left out: the model has
                more behaviours than the code.)
   Left out     The cap of a day, which keeps two campaign messages apart.

   Bounds       CALLS: how many calls of each message (2).
   World        ZERO (receipts may come without the number) RETRY (a failed one is sent anew)
                FOREIGN (another program of the account sends to her) NO_LOSS (no answer is lost)
                NEW_NUMBER (WeChat answers a repeat with a number of its own)
                REBIND (the first message is of a graduate who had this WeChat before the second)
   Undone       WITHOUT_ONLY_ONE (of two that can be meant the first is taken)
                WITHOUT_IN_FLIGHT_EXCEPTED (one in flight is moved by person)
                WITHOUT_IN_FLIGHT_COUNTED (one in flight leaves another the only one that can be meant)
                WITHOUT_REPEATED_COUNTED (one that was accepted at a repeat knows its only number) */

#include "moves.pml"

#ifndef CALLS
#define CALLS 2
#endif
#define MOST 6                           /* receipts */
#define NOT_OURS 9

mtype state[2] = WAITING;
bool maybe[2];                           /* a call may have been taken */
bool before[2];                          /* so may one before the last claim */
bool in_flight[2], window_over[2];
byte wx_msgid[2];                        /* as the ledger knows it; 0: not */
byte calls[2] = CALLS;
bool hers[2] = true;                     /* its graduate is who is bound to this WeChat now */

byte number[2];                          /* WeChat's for this client_msg_id; 0: not taken */
bool came[2], ever_came[2];
byte next_number = 1;

byte receipts = 0;                       /* those under way, the last is worked on */
byte r_number[MOST], r_of[MOST];
bool r_ok[MOST];
bool retried = false, foreign_sent = false;

#define MAY_BE_MEANT(j) (hers[j] && maybe[j] && MAY_RECEIPT_OK(state[j]))
/* One in flight is not moved by person: its answer will say its number. It counts all the same: the
   receipt may be its own, so no other is the only one. */
#ifdef WITHOUT_IN_FLIGHT_EXCEPTED
#define NOT_IN_FLIGHT(j) true
#else
#define NOT_IN_FLIGHT(j) (state[j] != SENDING)
#endif
#ifdef WITHOUT_IN_FLIGHT_COUNTED
#define COUNTED(j) (MAY_BE_MEANT(j) && state[j] != SENDING)
#else
#define COUNTED(j) MAY_BE_MEANT(j)
#endif
#ifdef WITHOUT_ONLY_ONE
#define ONLY(other) true
#else
#define ONLY(other) (!(other))
#endif

inline push(j, named, ok) {
    r_number[receipts] = named; r_of[receipts] = j; r_ok[receipts] = ok;
#ifdef ZERO
    if :: r_number[receipts] = 0 :: skip fi;
#endif
    receipts++
}
inline wechat_takes(j) {
    if
    :: number[j] == 0 -> number[j] = next_number; next_number++;
        if :: came[j] = true; ever_came[j] = true; push(j, number[j], true) :: push(j, number[j], false) fi
    :: else ->
#ifdef NEW_NUMBER
        number[j] = next_number; next_number++
#else
        skip
#endif
    fi
}

active [2] proctype Message() {
    byte j;
    j = _pid;
end:
    do
    :: atomic { state[j] == WAITING && calls[j] > 0 && !window_over[j] && hers[j] ->
        MOVE_CLAIM(state[j]); before[j] = maybe[j]; maybe[j] = true; calls[j]--; in_flight[j] = true }
    :: atomic { in_flight[j] ->
        in_flight[j] = false;
        if
        :: wechat_takes(j);
            if
            :: state[j] == SENDING -> MOVE_ACCEPT(state[j]); wx_msgid[j] = number[j]
#ifndef NO_LOSS
            :: state[j] == SENDING -> MOVE_GIVE_BACK(state[j])
#endif
            :: state[j] != SENDING                   /* a receipt was quicker */
            fi
        :: state[j] == SENDING && !before[j] -> MOVE_REFUSE(state[j])
        :: state[j] == SENDING && before[j] -> MOVE_LOSE(state[j])
#ifndef NO_LOSS
        :: state[j] == SENDING -> MOVE_GIVE_BACK(state[j])
#endif
        :: state[j] != SENDING
        fi;
        assert(state[j] != FAILED || !came[j]) }
    :: atomic { state[j] == WAITING && maybe[j] && !window_over[j] ->
        window_over[j] = true; MOVE_LOSE(state[j]) }
#ifdef RETRY
    :: atomic { state[j] == FAILED && !retried && !in_flight[j] ->
        retried = true; MOVE_RETRY(state[j]); maybe[j] = false; before[j] = false; wx_msgid[j] = 0; number[j] = 0; calls[j] = 1; came[j] = false }
#endif
#ifdef REBIND
    :: atomic { j == 1 && hers[0] -> hers[0] = false }
#endif
    od
}

/* code: notifier.ledger.receipts.move; no campaign here prefers delivery (delivery.pml) */
inline apply(j) {
    if
    :: r_ok[receipts - 1] -> MOVE_RECEIPT_OK(state[j])
    :: else -> MOVE_RECEIPT_FAILED(state[j])
    fi;
    assert(r_of[receipts - 1] == j);
    assert(state[j] != DELIVERED || ever_came[j]);
    assert(state[j] != FAILED || !came[j])
}
#define NAMED(j) (n != 0 && wx_msgid[j] == n)
#define UNNAMED (!NAMED(0) && !NAMED(1))
/* A number that nobody knows cannot mean a message whose number is known, unless an earlier call of it
   was never answered: that one may have had another number. */
#ifdef WITHOUT_REPEATED_COUNTED
#define BY_PERSON(j) (COUNTED(j) && (n == 0 || wx_msgid[j] == 0))
#else
#define BY_PERSON(j) (COUNTED(j) && (n == 0 || wx_msgid[j] == 0 || before[j]))
#endif

active proctype Receipts() {
    byte n;
end:
    do
    :: atomic { receipts > 0 ->
        n = r_number[receipts - 1];
        if
        :: NAMED(0) -> if :: MAY_RECEIPT_OK(state[0]) -> apply(0) :: else fi
        :: NAMED(1) -> if :: MAY_RECEIPT_OK(state[1]) -> apply(1) :: else fi
        :: UNNAMED && BY_PERSON(0) && NOT_IN_FLIGHT(0) && ONLY(BY_PERSON(1)) -> apply(0)
        :: UNNAMED && BY_PERSON(1) && NOT_IN_FLIGHT(1) && ONLY(BY_PERSON(0)) -> apply(1)
        :: skip                                      /* it is lost */
        fi;
        receipts--; r_number[receipts] = 0; r_of[receipts] = 0; r_ok[receipts] = false; n = 0 }
#ifdef FOREIGN
    :: atomic { !foreign_sent -> foreign_sent = true; push(NOT_OURS, 99, true) }
#endif
    od
}
