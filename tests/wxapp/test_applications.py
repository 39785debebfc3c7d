"""The application that tests get is the product's, though its address map is not made anew."""

from flask import Flask
from werkzeug.routing import Map, Rule

from notifier.providers.sms import Sms
from tests.wxapp.applications import make_app
from tests.wxapp.site import Site
from wxapp import Application, create_app
from wxapp.core.resources import services


def addresses(app: Flask) -> list[tuple[object, ...]]:
    return [
        (str(rule), rule.endpoint, rule.methods, rule.defaults, rule.provide_automatic_options)  # type: ignore[attr-defined]  # Flask writes it on
        for rule in app.url_map.iter_rules()
    ]


def another(site: Site) -> Flask:
    with site.app.app_context():
        gateway = services().gateway
    return make_app(site.resources, gateway, Sms(site.resources.settings, site.clock))


def test_it_answers_at_the_addresses_of_the_products(site: Site) -> None:
    shared = addresses(site.app)
    Application.url_rule_class, Application.url_map_class = Rule, Map
    with site.app.app_context():
        own = create_app(site.resources, services().gateway, services().sms)
    assert addresses(own) == shared
    assert addresses(another(site)) == shared


def test_what_a_test_adds_is_gone_in_the_next(site: Site) -> None:
    before = addresses(site.app)
    site.app.add_url_rule("/added", "added", lambda: "here")
    assert site.app.test_client().get("/added").text == "here"
    assert len(addresses(site.app)) == len(before) + 1
    assert addresses(another(site)) == before
    assert another(site).test_client().get("/added").status_code == 404
