"""OpenTelemetry's own half of `runtime.tracing`: loaded where a process is traced."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from runtime.tracing import Fact

SECONDS = 10
"""How long the receiver of traces is waited for, by a thread that nobody waits for."""


def exporter_to(address: str) -> SpanExporter:
    """Return what hands spans to a receiver, by OTLP over HTTP."""
    return OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=SECONDS)


class OpenTracing:
    """What a process that is traced has open."""

    def __init__(self, service: str, share: float, processor: SpanProcessor) -> None:
        """Trace a share of what begins in this process, and all that others trace already."""
        self.provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(share),
            resource=Resource.create({"service.name": service}),
            shutdown_on_exit=False,  # it would wait for a receiver that is away, 10 s a batch
        )
        self.provider.add_span_processor(processor)
        self._tracer = self.provider.get_tracer("quxiang")

    @classmethod
    def to(cls, address: str, service: str, share: float) -> "OpenTracing":
        """Trace to a receiver, which gets a batch each five seconds."""
        return cls(service, share, BatchSpanProcessor(exporter_to(address)))

    @contextmanager
    def span(self, name: str, parent: str | None, facts: Mapping[str, Fact]) -> Iterator[None]:
        """Have what is done inside be a span; an error is noted by its class alone."""
        with self._tracer.start_as_current_span(
            name,
            context=_context(parent) if parent else None,
            attributes=dict(facts),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    def record(self, name: str, parent: str, began: int, facts: Mapping[str, Fact]) -> None:
        """Write down a span that is over now."""
        context, said = _context(parent), dict(facts)
        self._tracer.start_span(name, context=context, attributes=said, start_time=began).end()

    def note(self, name: str, facts: Mapping[str, Fact]) -> None:
        """Name the span around anew, and add to it."""
        around = get_current_span()
        around.update_name(name)
        around.set_attributes(dict(facts))

    def current(self) -> str | None:
        """Return the span around as a `traceparent`, if it is traced."""
        around = get_current_span().get_span_context()
        if not around.is_valid or not around.trace_flags.sampled:
            return None
        return f"00-{around.trace_id:032x}-{around.span_id:016x}-01"


def _context(parent: str) -> Context:
    """Read a `traceparent`; what is none begins a trace of its own."""
    return TraceContextTextMapPropagator().extract({"traceparent": parent}, context=Context())
