"""The application as each test gets it: new, but from rules and templates compiled once."""

from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from typing_extensions import override
from werkzeug.routing import Rule

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


class CompiledRule(Rule):
    """A rule of the address map that takes over what an equal one of an earlier test compiled.

    Two hundred rules are compiled for an application, which takes longer than most tests do.
    """

    compiled: ClassVar[dict[str, dict[str, Any]]] = {}

    @override
    def compile(self) -> None:
        key = f"{self.rule} {self.defaults} {self.subdomain} {self.merge_slashes}"
        if key not in self.compiled:
            before = dict(vars(self), arguments=None)
            super().compile()
            after = vars(self).items()
            self.compiled[key] = {name: now for name, now in after if before.get(name) is not now}
        vars(self).update(self.compiled[key])


TEMPLATES = CompiledTemplates()


def make_app(resources: Resources, gateway: Gateway, sms: CodeSender) -> Flask:
    """Make the application of one web process."""
    Application.url_rule_class = CompiledRule
    app = create_app(resources, gateway, sms)
    app.jinja_env.bytecode_cache = TEMPLATES
    return app
