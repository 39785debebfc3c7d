"""The application as each test gets it: new, but from rules and templates compiled once."""

from types import CodeType
from typing import Any, ClassVar, cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from typing_extensions import override
from werkzeug.routing import Map, Rule, RuleFactory

from notifier.providers.sms import CodeSender
from runtime.resources import Resources
from wxapp import Application, create_app
from wxapp.core.resources import Gateway


class CompiledTemplates(BytecodeCache):
    """What Jinja compiled in this process, by the template's name and text."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.found.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.found[bucket.key, bucket.checksum] = bucket.code


class KnownRules:
    """The rules of the first application of this process, and what its address map made of them.

    Two hundred rules take longer to write, compile and sort than most tests take.
    """

    rules: ClassVar[dict[str, Rule]] = {}
    sorted_ones: ClassVar["SharingMap | None"] = None

    @classmethod
    def find(cls, rule: str, **options: object) -> Rule:
        """Return the rule that says the same, or a new one."""
        methods = sorted(cast("set[str]", options["methods"]))
        key = f"{rule} {methods} {options | {'methods': None}}"
        if key not in cls.rules:
            cls.rules[key] = Rule(rule, **cast("Any", options))
        return cls.rules[key]


class SharingMap(Map):
    """An address map that takes over what one of the same rules sorted, when it is first asked."""

    def __init__(self, *, host_matching: bool = False) -> None:
        super().__init__(host_matching=host_matching)
        self.added: list[Rule] = []
        self.seen = 0

    @override
    def add(self, rulefactory: RuleFactory) -> None:
        self.added.extend(rulefactory.get_rules(self))

    @override
    def update(self) -> None:
        if self.seen != len(self.added):
            self.seen = len(self.added)
            self._take_in()
        super().update()

    def _take_in(self) -> None:
        known = KnownRules.sorted_ones
        if known is None:
            KnownRules.sorted_ones = known = self._sorted()
        if [*map(id, known.added)] != [*map(id, self.added)]:  # equal ones may differ in methods
            known = self._sorted()
        self._matcher, self._rules_by_endpoint = known._matcher, known._rules_by_endpoint
        self._remap = False

    def _sorted(self) -> "SharingMap":
        """Return a map of its own for the rules of this one."""
        fresh = SharingMap(host_matching=self.host_matching)
        fresh.added = self.added.copy()
        for rule in self.added:
            Map.add(fresh, _unbound(rule) if getattr(rule, "map", None) else rule)
        Map.update(fresh)
        return fresh


def _unbound(rule: Rule) -> Rule:
    """Return a rule that says the same, with what Flask wrote on it, and is of no map."""
    copied = rule.empty()
    copied.provide_automatic_options = rule.provide_automatic_options  # type: ignore[attr-defined]  # as Flask does
    return copied


TEMPLATES = CompiledTemplates()


def make_app(resources: Resources, gateway: Gateway, sms: CodeSender) -> Flask:
    """Make the application of one web process."""
    Application.url_rule_class = cast("type[Rule]", KnownRules.find)
    Application.url_map_class = SharingMap  # type: ignore[assignment]  # not declared as a place for one
    app = create_app(resources, gateway, sms)
    app.jinja_env.bytecode_cache = TEMPLATES
    return app
