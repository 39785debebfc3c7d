/* moves.pml: the states and moves of notifier/ledger/states.py, written by `python -m spec.moves`.

   MAY_X(s) says whether event X may happen in state s; MOVE_X(s) makes the move, and is an error
   where the table does not have it. What begins with C_ is a campaign's, the rest a message's. */

mtype = { ACCEPTED, DELIVERED, FAILED, SENDING, SKIPPED, UNKNOWN, WAITING };
#define MAY_CLAIM(s) ((s) == WAITING)
inline MOVE_CLAIM(s) { assert(MAY_CLAIM(s)); s = SENDING }
#define MAY_PUT_OFF(s) ((s) == WAITING)
inline MOVE_PUT_OFF(s) { assert(MAY_PUT_OFF(s)); s = WAITING }
#define MAY_LOSE(s) ((s) == WAITING || (s) == SENDING)
inline MOVE_LOSE(s) { assert(MAY_LOSE(s)); s = UNKNOWN }
#define MAY_SKIP(s) ((s) == WAITING || (s) == SENDING)
inline MOVE_SKIP(s) { assert(MAY_SKIP(s)); s = SKIPPED }
#define MAY_GIVE_BACK(s) ((s) == SENDING)
inline MOVE_GIVE_BACK(s) { assert(MAY_GIVE_BACK(s)); s = WAITING }
#define MAY_ACCEPT(s) ((s) == SENDING)
inline MOVE_ACCEPT(s) { assert(MAY_ACCEPT(s)); s = ACCEPTED }
#define MAY_REFUSE(s) ((s) == SENDING)
inline MOVE_REFUSE(s) { assert(MAY_REFUSE(s)); s = FAILED }
#define MAY_RECEIPT_OK(s) ((s) == WAITING || (s) == SENDING || (s) == ACCEPTED || (s) == UNKNOWN)
inline MOVE_RECEIPT_OK(s) { assert(MAY_RECEIPT_OK(s)); s = DELIVERED }
#define MAY_RECEIPT_FAILED(s) ((s) == WAITING || (s) == SENDING || (s) == ACCEPTED || (s) == UNKNOWN)
inline MOVE_RECEIPT_FAILED(s) { assert(MAY_RECEIPT_FAILED(s)); s = FAILED }
#define MAY_REPEAT_FAILED(s) ((s) == WAITING || (s) == SENDING || (s) == ACCEPTED || (s) == UNKNOWN)
inline MOVE_REPEAT_FAILED(s) { assert(MAY_REPEAT_FAILED(s)); s = UNKNOWN }
#define MAY_RETRY(s) ((s) == FAILED)
inline MOVE_RETRY(s) { assert(MAY_RETRY(s)); s = WAITING }

mtype = { C_CANCELLED, C_DRAFT, C_FINISHED, C_PAUSED, C_SCHEDULED, C_SENDING, C_WAITING };
#define MAY_C_SCHEDULE(s) ((s) == C_DRAFT)
inline MOVE_C_SCHEDULE(s) { assert(MAY_C_SCHEDULE(s)); s = C_SCHEDULED }
#define MAY_C_CANCEL(s) ((s) == C_DRAFT || (s) == C_SCHEDULED || (s) == C_SENDING || (s) == C_WAITING || (s) == C_PAUSED)
inline MOVE_C_CANCEL(s) { assert(MAY_C_CANCEL(s)); s = C_CANCELLED }
#define MAY_C_EXPAND(s) ((s) == C_SCHEDULED)
inline MOVE_C_EXPAND(s) { assert(MAY_C_EXPAND(s)); s = C_SENDING }
#define MAY_C_PAUSE(s) ((s) == C_SCHEDULED || (s) == C_SENDING || (s) == C_WAITING)
inline MOVE_C_PAUSE(s) { assert(MAY_C_PAUSE(s)); s = C_PAUSED }
#define MAY_C_WAIT(s) ((s) == C_SENDING)
inline MOVE_C_WAIT(s) { assert(MAY_C_WAIT(s)); s = C_WAITING }
#define MAY_C_FINISH(s) ((s) == C_SENDING || (s) == C_WAITING)
inline MOVE_C_FINISH(s) { assert(MAY_C_FINISH(s)); s = C_FINISHED }
#define MAY_C_GO_ON(s) ((s) == C_WAITING)
inline MOVE_C_GO_ON(s) { assert(MAY_C_GO_ON(s)); s = C_SENDING }
#define MAY_C_RESUME(s) ((s) == C_PAUSED)
inline MOVE_C_RESUME(s) { assert(MAY_C_RESUME(s)); s = C_SENDING }
#define MAY_C_RETURN(s) ((s) == C_PAUSED)
inline MOVE_C_RETURN(s) { assert(MAY_C_RETURN(s)); s = C_SCHEDULED }
#define MAY_C_RETRY(s) ((s) == C_FINISHED)
inline MOVE_C_RETRY(s) { assert(MAY_C_RETRY(s)); s = C_SENDING }
