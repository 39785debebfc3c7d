"""One trace from a request to the receipt: over the queue, the ledger and WeChat."""

import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis import Redis
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer
from sqlalchemy import select
from typing_extensions import override

from notifier.ledger import notices
from notifier.ledger.tables import Message
from notifier.ledger.wording import written
from notifier.providers.sms import Sms
from registry.base.clock import utc_now
from runtime import tracing
from runtime.jobs import Job, Queue
from runtime.open_tracing import OpenTracing
from runtime.resources import open_resources
from tests.notifier.ledger.test_receipts import hear, receipts
from tests.notifier.stage import Stage
from tests.wxapp.applications import make_app
from workers.job_class import NamedJob
from workers.jobs import BY_NAME
from workers.listening import Listener
from workers.wakeups import RqWakeups
from wxapp.core.db import writing

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = "/written-by-a-test"
FACTS = written(item="请核对", state="unconfirmed", deadline="2026年6月30日 23:59")


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Trace this process, each span as it ends."""
    kept = InMemorySpanExporter()
    tracing.use(OpenTracing("quxiang-test", 1, SimpleSpanProcessor(kept)))
    yield kept
    tracing.use(None)


@pytest.fixture
def app(stage: Stage, valkey: Redis) -> Iterator[Flask]:
    """Give the application, with a page that tells somebody something."""
    shared = open_resources(stage.resources.settings, notices.write, RqWakeups(valkey))
    made = make_app(shared, stage.gateway, Sms(shared.settings, utc_now))
    told = {"business_key": "t:1", "kind": "confirmation_reminder", "facts": FACTS}
    who = {"graduate_id": min(stage.openids), "school_id": stage.scope.school_id}

    @made.get(WRITTEN)
    def write() -> str:
        with writing() as session:
            notices.add(session, [told | who], utc_now())
        return "written"

    yield made
    shared.redis.close()
    shared.engine.dispose()


def work(valkey: Redis) -> None:
    """Do what waits for the senders."""
    usual = {"connection": valkey, "serializer": JSONSerializer, "job_class": NamedJob}
    queue = RqQueue(Queue.DELIVERY, **usual)  # type: ignore[arg-type]  # rq's own
    listener = Listener([queue], connection=valkey, serializer=JSONSerializer)
    for job in queue.get_jobs():
        listener.execute_job(job, queue)


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {each.name.partition(" ")[0]: each for each in spans.get_finished_spans()}


def parent_of(span: ReadableSpan) -> int:
    return span.parent.span_id if span.parent else 0


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.span_id)


@pytest.fixture
def done(
    stage: Stage,
    valkey: Redis,
    spans: InMemorySpanExporter,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, ReadableSpan]:
    """Have a request tell somebody, workers send it, and WeChat say that it came."""
    monkeypatch.setitem(BY_NAME, Job.DELIVER, stage.deliver)
    answer = app.test_client().get(
        WRITTEN,
        headers={
            "X-Request-Id": "0123456789abcdef",
            "traceparent": f"00-{'1' * 32}-{'2' * 16}-01",
        },
    )
    assert answer.data == b"written"
    work(valkey)
    assert stage.seen() == {stage.openids[min(stage.openids)]: 1}
    assert len(hear(stage, receipts(stage))) == 1
    return named(spans)


def test_request_transaction_wake_up_job_send_and_receipt_are_one_trace(
    done: dict[str, ReadableSpan],
) -> None:
    assert set(done) == {"request", "transaction", "wake-up", "job", "send", "receipt"}
    assert len({each.context.trace_id for each in done.values() if each.context}) == 1
    wanted = {
        "transaction": "request",
        "wake-up": "transaction",
        "job": "wake-up",
        "send": "transaction",
        "receipt": "transaction",
    }
    for child, parent in wanted.items():
        assert parent_of(done[child]) == id_of(done[parent]), child
    assert parent_of(done["request"]) == 0  # a stranger's trace is not taken up
    facts = {name: dict(each.attributes or {}) for name, each in done.items()}
    assert facts["request"]["quxiang.request_id"] == "0123456789abcdef"
    assert facts["request"]["http.response.status_code"] == 200
    assert facts["send"]["quxiang.outcome"] == "accepted"
    assert facts["receipt"]["quxiang.outcome"] == "delivered"


def test_nothing_in_it_says_who(done: dict[str, ReadableSpan], stage: Stage) -> None:
    with stage.resources.readers.begin() as session:
        message = session.scalars(select(Message)).one()
        secrets = [message.openid, message.client_msg_id, message.facts, "李娟", WRITTEN]
        assert len(message.trace or "") == tracing.PARENT_LENGTH
    said = "".join(each.to_json() for each in done.values())
    assert not [each for each in secrets if each and each in said]


def test_untraced_nothing_is_written_and_nothing_carried(
    stage: Stage, valkey: Redis, app: Flask
) -> None:
    assert app.test_client().get(WRITTEN).status_code == 200
    with stage.resources.readers.begin() as session:
        assert session.scalars(select(Message.trace)).all() == [None]
    queue = RqQueue(Queue.DELIVERY, connection=valkey, serializer=JSONSerializer)
    assert [each.meta for each in queue.get_jobs()] == [{}]


@pytest.mark.parametrize("meta", ['{"trace": 1}', f'{{"trace": "{"x" * 55}"}}', '["trace"]', "x"])
def test_what_a_stranger_plants_beside_a_job_is_no_trace_of_ours(
    stage: Stage, valkey: Redis, spans: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch, meta: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(BY_NAME, Job.DELIVER, stage.deliver)
    queue = RqQueue(Queue.DELIVERY, connection=valkey, serializer=JSONSerializer)
    valkey.hset(queue.enqueue(Job.DELIVER.value).key, "meta", meta)
    work(valkey)
    assert parent_of(named(spans)["job"]) == 0


def test_an_error_is_noted_by_its_class_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="李娟"), tracing.span("transaction"):
        raise ValueError("李娟 110101200301011234")
    [span] = spans.get_finished_spans()
    assert dict(span.attributes or {}) == {"error.type": "ValueError"}
    assert (span.events, span.status.description) == ((), None)


class Receiver(BaseHTTPRequestHandler):
    """Takes traces by OTLP over HTTP."""

    took: list[tuple[str, ExportTraceServiceRequest]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.took.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_receiver_gets_them_by_otlp() -> None:
    Receiver.took = []
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        traced = OpenTracing.to(f"http://127.0.0.1:{server.server_port}", "quxiang-web", 1)
        with traced.span("request", None, {}):
            pass
        traced.provider.shutdown()
        server.shutdown()
        thread.join()
    [(path, took)] = Receiver.took
    assert path == "/v1/traces"
    resource = {
        each.key: each.value.string_value for each in took.resource_spans[0].resource.attributes
    }
    assert resource["service.name"] == "quxiang-web"
    assert [each.name for each in took.resource_spans[0].scope_spans[0].spans] == ["request"]


TRACED = """
from runtime.open_tracing import OpenTracing
traced = OpenTracing.to("http://127.0.0.1:1", "quxiang-web", 1)
for _ in range(3000):
    with traced.span("request", None, {}):
        pass
print(time.monotonic())
"""


def test_a_process_ends_at_once_though_the_receiver_is_away() -> None:
    command = [sys.executable, "-c", f"import time{TRACED}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert time.monotonic() - float(ended.stdout) < 10  # of three batches each waits so long
