"""What the workers of a host counted, and the figures, at a port of this machine."""

from prometheus_client import start_http_server

from notifier.delivery.exposition import registry_of
from workers.process import resources

HOST = "127.0.0.1"


def serve_metrics(port: int) -> None:
    """Answer at `/metrics` until the process is told to end."""
    _, thread = start_http_server(port, HOST, registry_of(resources()))
    thread.join()
