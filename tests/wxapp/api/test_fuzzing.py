"""The document is right in form, and the interface keeps to it whatever is sent to it, signed."""

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from requests.auth import AuthBase
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from sqlalchemy import func, select
from typing_extensions import override

from registry.interface.signatures import headers_for
from registry.record.tables import Registration
from tests.browser.served import served_application
from tests.profiles import examples
from tests.wxapp.api.provincial_system import PREFIX, ProvincialSystem
from tests.wxapp.api.test_openapi import known
from tests.wxapp.site import Site
from wxapp.api.examples import RECORD
from wxapp.api.openapi import described

FREE = ("dwmc", "dwlxr", "dwdz", "dazjdwmc", "dazjdwdz", "dazjlxr")
"""What may be said of a known graduate as anybody likes."""
VERSIONS = count(1)


class Signed(AuthBase):
    """Signs what is sent as it is sent: path, query and bytes."""

    def __init__(self, system: ProvincialSystem) -> None:
        self.system = system

    @override
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        where = urlsplit(request.url or "")
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else body
        system = self.system
        signed = headers_for(
            (request.method or "", where.path, where.query, sent),
            (system.keyid, system.algorithm, system.secret),
            secrets.token_hex(16),
            system.site.clock(),
        )
        request.headers.update(signed)
        return request


@pytest.fixture
def served(site: Site, system: ProvincialSystem) -> Iterator[schemathesis.BaseSchema]:
    """Give the document of a served interface that knows whom its examples name."""
    known(site)
    with served_application(site.app) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
        schema.auth.set_from_requests(Signed(system))
        yield schema


def test_the_document_is_right_in_form() -> None:
    OpenAPIV31SpecValidator(described()).validate()


@pytest.mark.in_ci  # some thousand calls over a real port
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_every_operation_keeps_to_the_document_whatever_is_sent(
    served: schemathesis.BaseSchema, site: Site
) -> None:
    for found in served.get_all_operations():
        assert isinstance(found, Ok), found
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            bombard(found.ok(), mode)
    versions = select(func.count(Registration.id))
    registered = site.read(lambda session: session.scalars(versions).one())
    assert registered > 2, "hardly a destination was read"


def bombard(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> None:
    """Call an operation with what its schema allows, or forbids, and check each answer."""

    @settings(
        max_examples=examples(15, thorough=500),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE:
            about_somebody(case)
        case.call_and_validate(excluded_checks=unfit(operation))

    call()


def about_somebody(case: Case[Any]) -> None:
    """Have every other record be the next version of the known graduate's: it is registered."""
    said: Any = case.body
    rows = said.get("records", [said]) if isinstance(said, dict) else []
    for each in rows[::2]:
        own = {name: each[name] for name in FREE if name in each}
        each.update(RECORD | own | {"version": next(VERSIONS)})
    if "source_id" in case.path_parameters:
        case.path_parameters["source_id"] = RECORD["source_id"]


def unfit(operation: APIOperation[Any, Any, Any, Any]) -> list[Any]:
    """Leave out what no schema can say: rules of the field, and that rows are answered singly."""
    names = {
        f"{PREFIX}/records": ["negative_data_rejection"],
        f"{PREFIX}/records/{{source_id}}": ["positive_data_acceptance"],
    }
    return [CHECKS.get_one(name) for name in names.get(operation.path, [])]
