/* finish.pml: the statement that ends a campaign, of two clockworks, against a click on "retry failed".

   Concern      A finished campaign has nothing that waits: nobody would look at it again.
   Abstraction  READ COMMITTED by hand. A statement sees a snapshot. Where a row that it wants is locked
                it waits, then looks at this row as it is now, but at all others as they were.
   Left out     Everything else a sweep does.

   World        ONE_CLOCKWORK
   Undone       WITHOUT_LOCK_FIRST (one statement; else the campaign is locked, and a second looks) */

#include "moves.pml"

#define NOBODY 9
#ifdef ONE_CLOCKWORK
#define CLOCKWORKS 1
#else
#define CLOCKWORKS 2
#endif

mtype campaign = C_SENDING;
bool open = false;                       /* one of its messages waits or is being sent */
byte lock = NOBODY;                      /* on the campaign's row */
bool clicked = false;

/* code: notifier.delivery.sweep._finish */
active [CLOCKWORKS] proctype Sweeper() {
    bool was_open;
end:
    do
    :: atomic { campaign == C_SENDING && !open -> was_open = open }
       atomic { lock == NOBODY -> lock = _pid }
#ifndef WITHOUT_LOCK_FIRST
       was_open = open;
#endif
       atomic {
           if :: campaign == C_SENDING && !was_open -> MOVE_C_FINISH(campaign) :: else fi;
           lock = NOBODY; was_open = false }
    od
}

/* code: notifier.campaigns.campaigns.retry_failed */
active proctype Click() {
end:
    do
    :: atomic { !clicked && campaign == C_FINISHED && lock == NOBODY -> clicked = true; MOVE_C_RETRY(campaign); open = true }
    :: atomic { open && campaign == C_SENDING -> open = false }    /* it was sent */
    od
}

active proctype Judge() {
end:
    atomic { campaign == C_FINISHED && open && lock == NOBODY -> assert(false) }
}
