"""The document of the interface: its examples are what is answered, its models what validates."""

from typing import Any

from sqlalchemy import update

from registry.interface.national_names import FIELDS
from registry.interface.tables import FeedHead
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.wxapp.api.provincial_system import PREFIX, ProvincialSystem, synced_graduate
from tests.wxapp.site import Site
from wxapp.api.examples import CHANGE_PAGE, RECORD, ROW_ANSWER, SYNC
from wxapp.api.operations import OPERATIONS


def document(site: Site) -> dict[str, Any]:
    told = site.app.test_client().get("/api/openapi.json")
    assert (told.status_code, told.content_type) == (200, "application/json")
    found: dict[str, Any] = told.get_json()
    return found


def operation(site: Site, method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document(site)["paths"][f"{PREFIX}{path}"][method]
    return found


def examples(said: dict[str, Any]) -> tuple[Any, Any]:
    """Return the example of a request's body and of its good answer."""
    given = said["responses"]["200"]["content"]["application/json"]["example"]
    return said["requestBody"]["content"]["application/json"]["example"], given


def known(site: Site) -> Graduate:
    """Add the graduate whom the examples name."""
    about = {"candidate_number": RECORD["ksh"], "student_number": "2022000001"}
    return synced_graduate(site, **about)


def test_the_example_of_a_batch_is_answered_as_it_is_shown(
    site: Site, system: ProvincialSystem
) -> None:
    known(site)
    body, shown = examples(operation(site, "put", "/records"))
    assert system.push(*body["records"]) | {"batch": shown["batch"]} == shown


def test_the_example_of_one_record_and_of_what_follows_too(
    site: Site, system: ProvincialSystem
) -> None:
    graduate = known(site)
    body, _ = examples(operation(site, "put", "/records/{source_id}"))
    assert system.call("PUT", f"/records/{body['source_id']}", body).get_json() == ROW_ANSWER
    epoch = CHANGE_PAGE["next"].split(".")[1]
    with site.resources.sessions.begin() as session:
        session.execute(update(FeedHead).values(epoch=epoch))
        found = session.get_one(Graduate, graduate.id)
        reply = Reply(Answer.CORRECT, found.registration_id or 0)
        answer(session, graduate.id, reply, channel="wechat", at=site.clock())
    assert system.call("GET", "/changes").get_json() == CHANGE_PAGE
    assert system.call("GET", "/schools/10425/sync").get_json() == SYNC


def test_every_reference_leads_somewhere_and_every_route_is_described(site: Site) -> None:
    said = document(site)
    assert said["openapi"] == "3.1.0"
    schemas = said["components"]["schemas"]
    names = {each.rpartition("/")[2] for each in references(said)}
    assert names <= schemas.keys()
    assert FIELDS.keys() <= schemas["DestinationRecord"]["properties"].keys()
    routes = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(each.method, f"{PREFIX}{each.path}") for each in OPERATIONS}


def references(said: object) -> list[str]:
    """Return every reference within a document."""
    if isinstance(said, list):
        return [each for part in said for each in references(part)]
    if not isinstance(said, dict):
        return []
    own = [said["$ref"]] if isinstance(said.get("$ref"), str) else []
    return own + [each for part in said.values() for each in references(part)]
