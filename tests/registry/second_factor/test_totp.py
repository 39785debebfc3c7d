"""The codes are those of RFC 6238, and what an app reads says how they are made."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from registry.second_factor import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The RFC's: 12345678901234567890 in ASCII."""
AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """Appendix B, the last six of its eight digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_of(SECRET, totp.step_of(at)) == code
    assert totp.step_matching(SECRET, code, at) == seconds // 30


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phone_may_be_one_step_early_or_late(steps: int, *, good: bool) -> None:
    code = totp.code_of(SECRET, totp.step_of(AT + steps * timedelta(seconds=30)))
    assert (totp.step_matching(SECRET, code, AT) is not None) is good


@pytest.mark.parametrize("written", ["", "12345", "1234567", "abcdef", "１２３", "٠١٢٣٤٥"])
def test_what_is_no_code_fits_no_step(written: str) -> None:
    assert totp.step_matching(SECRET, written, AT) is None


def test_secrets_are_160_bits_and_each_another() -> None:
    made = {totp.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {32}


def test_an_app_reads_whose_and_how() -> None:
    read = urlsplit(totp.address("wang.li", SECRET))
    assert (read.scheme, read.netloc) == ("otpauth", "totp")
    assert unquote(read.path) == "/去向登记:wang.li"
    assert parse_qs(read.query) == {
        "secret": [SECRET],
        "issuer": ["去向登记"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
