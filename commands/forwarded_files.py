"""`quxiang province verify` and `signers`: whether a file for the Ministry is whole, and by whom.

Whoever receives one checks it without settings and without the database.
"""

import argparse
import json
from pathlib import Path

from commands.answers import Answer, Misused, Refused, runs
from commands.opening import opened_resources
from registry.province import package
from registry.province.package import BadPackage, SigningKeys


def fill_verify(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("file", type=Path, help="as the page of the forwarding gives it out")
    parser.add_argument(
        "--keys", type=Path, required=True, help="a JSON Web Key Set, as `signers --json` prints it"
    )
    runs(parser, _verify)


def fill_signers(parser: argparse.ArgumentParser) -> None:
    """Describe that there are no arguments."""
    runs(parser, _signers)


def _verify(options: argparse.Namespace) -> Answer:
    try:
        keys = package.read_keys(options.keys.read_text(encoding="utf-8"))
        with options.file.open("rb") as file:
            said = package.verified(file, keys)
    except OSError as error:
        raise Misused(f"{error.filename}: {error.strerror}") from None
    except BadPackage as refusal:
        raise Refused(refusal.code, refusal.words) from None
    text = f"{said['number']}: {said['people']} graduates, made {said['made_at']}. It is as signed."
    return Answer({"valid": True, "manifest": said}, text)


def _signers(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        public = SigningKeys(resources.forwarding_keys).public()
    text = json.dumps(public, indent=1)
    return Answer(public, text if public["keys"] else "QUXIANG_FORWARDING_KEYS is not set.")
