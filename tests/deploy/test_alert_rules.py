"""The alerts, as Prometheus's own tool reads and plays them."""

from pathlib import Path

from tests.promtool import complaints


def test_each_alert_can_be_read_and_fires_when_it_should(repository: Path) -> None:
    assert complaints("check", "rules", f"{repository}/deploy/alerts.yml") == ""
    assert complaints("test", "rules", f"{repository}/deploy/alerts_test.yml") == ""
