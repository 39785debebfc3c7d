"""The bill of materials, in CycloneDX's JSON: for whoever has to answer what runs on a host."""

from importlib.metadata import version

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

from supply.parts import Part, installed, vendored


def bill() -> Bom:
    """Return Quxiang and every part of others, each known by its address, version and licence."""
    bom, licences = Bom(), LicenseFactory()
    own = Component(name="quxiang", version=version("quxiang"), type=ComponentType.APPLICATION)
    bom.metadata.component = own
    parts = [_component(each, licences) for each in (*installed(), *vendored())]
    bom.components.update(parts)
    bom.register_dependency(own, parts)
    return bom


def written(bom: Bom) -> str:
    """Return the bill as text."""
    made = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return made.output_as_string(indent=2) + "\n"


def _component(part: Part, licences: LicenseFactory) -> Component:
    address = part.address
    return Component(
        bom_ref=str(address),
        name=part.name,
        version=part.version,
        purl=address,
        type=ComponentType.LIBRARY,
        licenses=[licences.make_from_string(part.licence)],
    )
