"""An address is counted as one household has it, and as the site around it."""

import pytest

from registry.accounts.addresses import counted, household, neighbours, site


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("198.51.100.7", ("198.51.100.7",)),
        ("::ffff:198.51.100.7", ("198.51.100.7",)),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("fe80::1%eth0", ("fe80::/64", "fe80::/48")),
        ("", ("",)),
        ("unix", ("unix",)),
        ("999.1.1.1", ("999.1.1.1",)),
    ],
)
def test_what_is_counted_of_an_address(address: str, found: tuple[str, ...]) -> None:
    assert counted(address) == found
    assert household(address) == found[0]
    assert site(address) == found[-1]


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unix", "unix")],
)
def test_the_neighbours_of_an_address(address: str, network: str) -> None:
    assert neighbours(address) == network
