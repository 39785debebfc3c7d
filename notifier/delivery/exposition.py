"""What Prometheus reads: what processes counted, and the figures of the database beside it."""

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from notifier.delivery import figures
from notifier.delivery.figures import Figure
from runtime.counting import FOLDER
from runtime.resources import Resources


class FigureCollector(Collector):
    """Reads the figures each time it is asked; without the database it says that alone."""

    def __init__(self, resources: Resources) -> None:
        """Read by these resources."""
        self._resources = resources

    @override
    def collect(self) -> Iterator[Metric]:
        try:
            found = self._figures()
        except SQLAlchemyError:
            found = []
        reachable = Figure(
            "quxiang_database_up", "Whether the database answered", (), [((), float(bool(found)))]
        )
        yield from map(_metric, [reachable, *found])

    def _figures(self) -> list[Figure]:
        resources = self._resources
        with resources.readers.begin() as session:
            return figures.read(session, resources.settings, resources.clock())


def _metric(figure: Figure) -> GaugeMetricFamily:
    made = GaugeMetricFamily(figure.name, figure.about, labels=figure.labels)
    for labels, value in figure.values:
        made.add_metric(labels, value)
    return made


def registry_of(resources: Resources) -> CollectorRegistry:
    """Return what is read: the counts of all processes of this program, and the figures."""
    registry = CollectorRegistry()
    registry.register(FigureCollector(resources))
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # published so
    else:
        registry.register(REGISTRY)
    return registry
