"""The mini program is packed for one installation, from the sources and nothing else."""

import json
import re
from pathlib import Path

import pytest

from supply.__main__ import main
from supply.mini_program import SOURCE, BuiltFor, NotBuiltError, build
from supply.parts import MINI_PROGRAM, vendored

OURS = BuiltFor("wx0123456789abcdef", "https://jy.example.edu.cn")


def test_the_package_is_that_of_its_installation(tmp_path: Path) -> None:
    build(tmp_path / "package", OURS)
    settings = (tmp_path / "package" / "settings.js").read_text(encoding="utf-8")
    project = json.loads((tmp_path / "package" / "project.config.json").read_text(encoding="utf-8"))
    assert '"https://jy.example.edu.cn"' in settings
    assert (project["appid"], project["miniprogramRoot"]) == ("wx0123456789abcdef", "./")
    assert project["setting"]["urlCheck"] is True


def test_the_package_has_every_page_with_what_it_uses_and_is_far_from_wechats_limit(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "package"
    assert build(folder, OURS) < 300_000
    pages = json.loads((folder / "app.json").read_text(encoding="utf-8"))["pages"]
    for page in pages:
        used = json.loads((folder / f"{page}.json").read_text(encoding="utf-8"))
        for each in (page, *used["usingComponents"].values()):
            at = (folder / page).parent / each if each.startswith("..") else folder / each
            assert all(at.with_suffix(end).exists() for end in (".js", ".json", ".wxml")), each
    assert {each.suffix for each in folder.rglob("*") if each.is_file()} == {
        ".js", ".json", ".wxml", ".wxss", ".txt"
    }  # fmt: skip


def test_what_was_packed_before_is_not_left_in_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "private.key").write_text("a key that somebody left here", encoding="utf-8")
    build(folder, OURS)
    assert not (folder / "private.key").exists()


@pytest.mark.parametrize(
    ("appid", "address"),
    [
        ("", OURS.address),
        ("touristappid", OURS.address),
        (OURS.appid, "http://jy.example.edu.cn"),
        (OURS.appid, "https://jy.example.edu.cn/"),
        (OURS.appid, 'https://jy.example.edu.cn"+x'),
        (OURS.appid, "https://jy.example.edu.cn:8443"),
        (OURS.appid, ""),
    ],
)
def test_what_can_be_no_mini_program_is_refused_with_a_reason(
    tmp_path: Path, appid: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "package"
    with pytest.raises(NotBuiltError):
        build(folder, BuiltFor(appid, address))
    assert main(["miniprogram", str(folder), "--appid", appid, "--address", address]) == 1
    assert re.match("APPID|ADDRESS", capsys.readouterr().err)
    assert not folder.exists()


def test_the_sources_name_no_installation_no_key_and_no_registry() -> None:
    for path in SOURCE.rglob("*"):
        if path.is_file() and "node_modules" not in path.parts and path.name != "phone.js":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"wx[0-9a-f]{16}|PRIVATE KEY", text), path
            assert '"appid"' not in text, path
            assert '"resolved"' not in text, path


def test_every_file_of_others_in_it_is_named_with_its_licence_beside_it() -> None:
    table = MINI_PROGRAM.joinpath("README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| `([^`]+)` .*\| `([^`]+)` \|$", table, re.MULTILINE))
    files = {each.name for each in MINI_PROGRAM.iterdir() if re.search(r"\d(\.js)?$", each.name)}
    assert set(named) == files
    assert len(vendored(MINI_PROGRAM)) == len(files)
    for text in named.values():
        assert "MIT" in (MINI_PROGRAM / text).read_text(encoding="utf-8")
