"""Patterns among employers that are worth a look: how many cases, and which."""

from registry.base.errors import NotFound
from registry.signing import patterns
from registry.signing.patterns import MOST_CASES, PATTERNS
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.firms.asking import own_scope, shown


def show_patterns() -> str:
    """Show the rules, and how many cases each finds."""
    scope = own_scope()
    with reading() as session:
        counts = patterns.counts(session, scope, now())
    return shown("firms/patterns.html", "patterns", patterns=PATTERNS.values(), counts=counts)


def show_cases(pattern: str) -> str:
    """Show the employers that a rule finds, the largest first."""
    scope = own_scope()
    if pattern not in PATTERNS:
        raise NotFound("提示规则")
    with reading() as session:
        found = patterns.cases(session, scope, PATTERNS[pattern], now())
    return shown(
        "firms/pattern.html",
        "patterns",
        pattern=PATTERNS[pattern],
        cases=found,
        most=MOST_CASES,
        own_key="key" if scope.school_id else "employer",
    )
