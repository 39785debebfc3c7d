"""What settings refuse at the start, not in the middle of the work."""

import pytest
from pydantic import ValidationError

from registry.base.crypto import Vault
from tests.configuration import settings_for

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
LONGEST = "k" * 40


@pytest.mark.parametrize("name", ["data_keys", "forwarding_keys"])
@pytest.mark.parametrize("kid", [f"{LONGEST}k", "密钥", "k 1"])
def test_an_id_that_no_column_holds_or_no_value_opens_by_is_refused(name: str, kid: str) -> None:
    with pytest.raises(ValidationError, match="an id is 1 to 40 letters"):
        settings_for("sqlite://", "redis://localhost", **{name: f"{kid}:{KEY}"})


@pytest.mark.parametrize("name", ["data_keys", "forwarding_keys"])
def test_an_id_stands_for_one_key(name: str) -> None:
    with pytest.raises(ValidationError, match="k1 twice"):
        settings_for("sqlite://", "redis://localhost", **{name: f"k1:{KEY},k1:{KEY}"})


def test_the_longest_id_opens_what_it_sealed() -> None:
    settings = settings_for("sqlite://", "redis://localhost", data_keys=f"{LONGEST}:{KEY}")
    vault: Vault = settings.vault()
    assert vault.open("phone", 1, vault.seal("phone", 1, "13900000000")) == "13900000000"
