"""A province whose system syncs by the interface, and a graduate of one of its schools."""

import pytest

from registry.record.tables import Graduate
from tests.wxapp.api.provincial_system import ProvincialSystem, open_system, synced_graduate
from tests.wxapp.site import Site


@pytest.fixture
def system(site: Site) -> ProvincialSystem:
    """Give a provincial system with a key."""
    return open_system(site)


@pytest.fixture
def graduate(site: Site) -> Graduate:
    """Give a graduate of its province, who has registered nothing."""
    return synced_graduate(site)
