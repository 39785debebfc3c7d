"""Pages are compressed for those who asked for them, never for what another site had asked for."""

import gzip

import pytest

from tests.wxapp.school.conftest import Console, app, console, records, resources

__all__ = ["app", "console", "records", "resources"]

OWN = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
MOST = 20_000
"""Bytes of a list over the wire."""


@pytest.fixture
def many(console: Console) -> Console:
    for number in range(60):
        hers = console.campus.graduate(
            f"同学{number}", class_name=f"软件工程专业{number:03}班", major=f"专业{number:02}"
        )
        console.campus.report(hers)
    console.campus.save()
    return console


@pytest.mark.parametrize(
    "path", ["/school/graduates", "/school/transfer", "/school/verification", "/school/reviews"]
)
def test_a_list_is_under_20_kilobytes_over_the_wire(many: Console, path: str) -> None:
    browser = many.browser()
    whole = browser.get(path).body
    answer = browser.client.get(path, headers=OWN)
    assert answer.content_encoding == "gzip"
    assert len(answer.get_data()) < MOST
    assert len(gzip.decompress(answer.get_data())) == pytest.approx(len(whole), abs=500)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "cross-site"},
        {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_what_another_site_may_have_asked_for_is_sent_as_it_is(
    many: Console, headers: dict[str, str]
) -> None:
    answer = many.browser().client.get("/school/graduates", headers=headers)
    assert answer.content_encoding is None
    assert {"accept-encoding", "sec-fetch-site"} <= {each.lower() for each in answer.vary}


def test_the_length_tells_nothing_of_a_single_character(many: Console) -> None:
    client = many.browser().client
    lengths = {len(client.get("/school/graduates", headers=OWN).get_data()) for _ in range(8)}
    assert len(lengths) > 2
