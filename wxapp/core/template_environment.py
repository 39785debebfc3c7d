"""Jinja's environment of pages, whose templates have one set of globals."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from typing_extensions import override


class TemplateEnvironment(Environment):
    """Flask's, but a template that adds no globals has the environment's own, without a layer over.

    Jinja lays a `ChainMap` over them for each template, and looks through its layers, in Python,
    for each page and each import: a twentieth of a graduate's page.
    """

    @override
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
