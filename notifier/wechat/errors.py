"""How a call to WeChat fails. No text, argument or context of these carries a secret or a token."""

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Outcome


class GatewayError(Exception):
    """A call that did not do what it should; the outcome says what follows from it."""

    def __init__(
        self, outcome: Outcome, *, errcode: int | None = None, detail: str = "", rid: str = ""
    ) -> None:
        """Keep the class of the error and what WeChat said, scrubbed by the caller."""
        super().__init__(f"{outcome.code}: errcode={errcode} rid={rid} {detail}".rstrip())
        self.outcome = outcome
        self.errcode = errcode
        self.detail = detail
        self.rid = rid


class Unavailable(GatewayError):
    """No answer, or none that can be read: later, perhaps. An effect may have happened."""

    def __init__(self, outcome: Outcome = outcomes.NO_ANSWER, *, detail: str = "") -> None:
        """Name the failure in the detail: the class of the network error, never its text."""
        super().__init__(outcome, detail=detail)


class Refused(GatewayError):
    """WeChat answered with an errcode."""


class CodeUsed(Refused):
    """The OAuth code was exchanged before (40163): a page was loaded twice."""


class CodeInvalid(Refused):
    """The OAuth code is wrong or too old (40029, 42003): the round has to begin again."""


class TokenError(GatewayError):
    """No token to be had, or every new one refused: the account itself is at fault."""
