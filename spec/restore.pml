/* restore.pml: a backup is put in the database's place, and with it goes what was sent since.

   Concern      What stood in the backup as waiting is neither sent again nor called skipped unless an
                operator says so: it may have come.
   Abstraction  One message. More than ten minutes lie between backup and restore, so WeChat recognises
                no repeat. The clockwork counts in the database and tells Redis; a worker asks Redis at its
                start and whenever its connection was cut, and compares in each claim.
   Left out     Leases and windows (delivery.pml), campaigns that have not begun, what had failed and was
                sent again by "retry failed" after the backup (docs/delivery.md).

   Bounds       COUNTS: how often the clockwork counts (4). ROUNDS: how many runs a worker begins (3).
   World        CANCEL (people cancel the campaign, or its last moment is over) LOADING (Redis is not read at one turn, but written)
                RECEIPTS
                AWAY (Redis does not answer for a while) POOLER (no connection is cut by the restore)
                STOPPED_CLOCK (no clockwork counted since before the backup)
   Undone       WITHOUT_MARK (what may have been sent before is not marked) WITHOUT_HELD_PAGES (a page or
                the sweeper acts before a clockwork has noticed) WITHOUT_HELD_IN_FLIGHT (what the backup has
                in flight is not marked) WITHOUT_READ (counted without having read Redis)
                WITHOUT_UPWARDS (Redis is told a smaller number) */

#include "moves.pml"

#ifndef COUNTS
#define COUNTS 4
#endif
#ifndef ROUNDS
#define ROUNDS 3
#endif

mtype = { IDLE, CALLED, ANSWERED };

/* The database, and its backup. */
mtype state = WAITING;
byte mark = 1;
bool held = false;                       /* the row's own column: it may have been sent before the backup */
bool paused = false, cancelled = false;
mtype backup_state = WAITING;
byte backup_mark = 0;
bool backed_up = false, restored = false, cut = false;

/* Redis. */
byte remembered = 1;
bool away = false;

mtype at = IDLE;                         /* the worker */
byte seen = 0;
bool receipt = false;
byte counts = COUNTS, rounds = ROUNDS;
bool may_load = true, may_go_away = true, may_cancel = true;

#ifdef STOPPED_CLOCK
#define HAS_COUNTED true
#else
#define HAS_COUNTED (remembered > backup_mark)
#endif
#define BEHIND (!away && mark < remembered)

/* code: notifier.ledger.mark.deciding, notifier.delivery.sweep.sweep */
#ifdef WITHOUT_HELD_PAGES
#define ACTS true
#else
#define ACTS (!BEHIND)                   /* a page and the sweeper too ask whether the ledger is behind */
#endif

inline honest() {
    assert(!(state == SKIPPED || state == FAILED) || seen == 0);
    assert(seen <= 1)
}

/* code: notifier.ledger.mark.Remembered */
inline ask_redis(own) { if :: !away && remembered > own -> own = remembered :: else fi }

active proctype Worker() {
    byte own = 1;                        /* the largest mark this run knows of */
end:
    do
    :: atomic { at == IDLE && cut -> cut = false; ask_redis(own) }
    :: atomic { at == IDLE && !cut && mark >= own && !paused && !cancelled && state == WAITING && !held ->
        own = mark; MOVE_CLAIM(state); at = CALLED }
    :: atomic { at == CALLED -> seen++; at = ANSWERED; receipt = true; honest() }
    :: atomic { at == ANSWERED -> if :: state == SENDING && !cut -> MOVE_ACCEPT(state) :: else fi; at = IDLE }
    :: atomic { at == IDLE && rounds > 0 -> rounds--; own = 0; ask_redis(own) }
    od
}

/* code: notifier.delivery.restored._hold */
inline hold() {
    paused = true;
#ifdef WITHOUT_MARK
    skip
#else
#ifdef WITHOUT_HELD_IN_FLIGHT
    if :: state == WAITING -> held = true :: else fi
#else
    if :: state == WAITING || state == SENDING -> held = true :: else fi
#endif
#endif
}

active proctype Clockwork() {
    byte read, told;
    bool was_read;
end:
    do
    :: counts > 0 ->
        atomic {
            counts--; was_read = !away;
#ifdef LOADING
            if :: may_load -> may_load = false; was_read = false :: skip fi;
#endif
            if :: was_read -> read = remembered :: else -> read = 0 fi }
        atomic {
#ifndef WITHOUT_READ
            if
            :: was_read ->
#endif
                mark++;
                if
                :: mark <= read -> hold(); mark = read + 1
                :: else
                fi
#ifndef WITHOUT_READ
            :: else
            fi
#endif
            ; told = mark }
        atomic {
#ifdef WITHOUT_UPWARDS
            if :: !away -> remembered = told :: else fi;
#else
            if :: !away && told > remembered -> remembered = told :: else fi;
#endif
            read = 0; told = 0; was_read = false }
    /* code: notifier.delivery.sweep._take_over_expired */
    :: atomic { restored && state == SENDING && at == IDLE && ACTS -> MOVE_GIVE_BACK(state) }
    od
}

active proctype World() {
end:
    do
    :: atomic { !backed_up -> backed_up = true; backup_state = state; backup_mark = mark }
    :: atomic { backed_up && !restored && at == IDLE && HAS_COUNTED ->
        restored = true; state = backup_state; mark = backup_mark; held = false; paused = false; cancelled = false;
#ifndef POOLER
        cut = true
#endif
      }
    /* code: notifier.delivery.circuit_breaker._settle_held */
    :: atomic { paused -> paused = false;
        if :: (state == WAITING || state == SENDING) && held -> MOVE_LOSE(state) :: else fi;
        held = false }
#ifdef CANCEL
    /* code: notifier.campaigns.campaigns.close_waiting */
    :: atomic { may_cancel && ACTS -> may_cancel = false; cancelled = true;
        if
        :: state == WAITING && held -> MOVE_LOSE(state)
        :: state == WAITING && !held -> MOVE_SKIP(state)
        :: else
        fi;
        honest() }
#endif
#ifdef RECEIPTS
    /* code: notifier.ledger.receipts.move */
    :: atomic { restored && receipt && MAY_RECEIPT_OK(state) && (held || state == UNKNOWN) ->
        receipt = false; MOVE_RECEIPT_OK(state); held = false; assert(seen > 0) }
#endif
#ifdef AWAY
    :: atomic { may_go_away && restored -> may_go_away = false; away = true }
    :: atomic { away -> away = false }
#endif
    od
}
