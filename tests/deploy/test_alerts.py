"""What is shipped for Prometheus and Grafana names only what exists, and says what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # published without types
from prometheus_client.metrics_core import Metric

from notifier.delivery.exposition import registry_of
from notifier.ledger import notices
from runtime.resources import open_resources
from runtime.settings import Settings
from workers import duties, wakeups
from wxapp.core import metrics
from wxapp.wechat import pushes

COUNTING = (duties, metrics, pushes, wakeups)
"""Imported so that what they count is known."""
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
NAME = re.compile(r"\bquxiang_[a-z_]+")

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def known(settings: Settings) -> set[str]:
    """Give the name of everything that Prometheus can read here."""
    resources = open_resources(settings, notices.write)
    found = {name for each in registry_of(resources).collect() for name in names_of(each)}
    resources.engine.dispose()
    resources.redis.close()
    return {each for each in found if each.startswith("quxiang_")}


def names_of(metric: Metric) -> Iterator[str]:
    for ending in ENDINGS.get(metric.type, ()):
        yield metric.name + ending


def alerts(repository: Path) -> list[dict[str, str]]:
    said = yaml.safe_load((repository / "deploy" / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def test_every_alert_watches_what_is_measured(repository: Path, known: set[str]) -> None:
    rules = alerts(repository)
    named = {name for rule in rules for name in NAME.findall(rule["expr"])}
    assert len(rules) > 10
    assert named - known == set()


def test_every_panel_shows_what_is_measured(repository: Path, known: set[str]) -> None:
    said = json.loads((repository / "deploy" / "dashboard.json").read_text(encoding="utf-8"))
    shown = [each["expr"] for panel in said["panels"] for each in panel["targets"]]
    named = {name for expr in shown for name in NAME.findall(expr)}
    assert named - known == set()
    assert {each["id"] for each in said["panels"]} == {*range(1, len(said["panels"]) + 1)}


def test_the_runbook_has_a_section_for_each_alert_and_a_row_for_each_figure(
    repository: Path, known: set[str]
) -> None:
    book = (repository / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^## (Quxiang\w+)$", book, re.MULTILINE))
    rules = alerts(repository)
    assert sections == {rule["alert"] for rule in rules}
    for rule in rules:
        where = rule["annotations"]["runbook"]  # type: ignore[index]  # of text alone is not said
        assert where == f"docs/runbook.md#{rule['alert'].lower()}"
    table = set(NAME.findall(book.partition("## Figures")[2]))
    bare = {re.sub("_(bucket|count|sum)$", "", name) for name in known}
    assert table == bare
