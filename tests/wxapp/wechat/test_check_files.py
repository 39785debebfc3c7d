"""WeChat's consoles find the files that they ask for, and nobody finds any other."""

import pytest
from pydantic import ValidationError

from tests.configuration import settings_for
from tests.wxapp.site import Site

FILES = (("MP_verify_AbCd1234.txt", "AbCd1234"), ("9f8e7d6c5b.txt", "0a1b2c3d"))


def test_each_file_says_what_the_console_gave(site: Site) -> None:
    client = site.app_with(wechat_check_files=FILES).test_client()
    for name, content in FILES:
        answer = client.get(f"/{name}")
        assert (answer.status_code, answer.text) == (200, content)
        assert answer.content_type.startswith("text/plain")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/other.txt", "/MP_verify_AbCd1234", "/mp_verify_abcd1234.txt"])
def test_there_are_no_others(site: Site, path: str) -> None:
    assert site.app_with(wechat_check_files=FILES).test_client().get(path).status_code == 404


def test_without_the_setting_there_is_none(site: Site) -> None:
    assert site.app.test_client().get("/MP_verify_AbCd1234.txt").status_code == 404


def test_the_setting_is_written_as_names_and_contents() -> None:
    given = "MP_verify_AbCd1234.txt:AbCd1234, 9f8e7d6c5b.txt:0a1b2c3d"
    assert (
        settings_for("sqlite://", "redis://h", wechat_check_files=given).wechat_check_files == FILES
    )
    assert settings_for("sqlite://", "redis://h", wechat_check_files="").wechat_check_files == ()


@pytest.mark.parametrize(
    "wrong",
    ["a.txt", "a.html:b", "../a.txt:b", "a.txt:<script>", "a.txt:b,a.txt:c", "a/b.txt:c"],
)
def test_what_can_be_no_check_file_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError, match="wechat_check_files"):
        settings_for("sqlite://", "redis://h", wechat_check_files=wrong)
