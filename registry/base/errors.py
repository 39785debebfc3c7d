"""What the rules say when they refuse: a stable code for programs, a sentence for people."""


class RuleError(Exception):
    """A refusal by a rule. `code` never changes; `sentence` is Chinese and says what to do next."""

    def __init__(self, code: str, sentence: str, field: str | None = None) -> None:
        """Keep the code, the sentence, and the form field they are about, if one is."""
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.field = field


class NotFound(RuleError):
    """Missing, or another school's: the two are told apart by nobody."""

    def __init__(self, what: str = "内容") -> None:
        """Name what was looked for, in Chinese."""
        super().__init__("not_found", f"没有找到这个{what}，可能已被移走，或不在您的管理范围内。")
