"""`python -m supply`: write licences, bill of materials, hashes, styles, the mini program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from supply import hashes, licences, mini_program, sbom, styles


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("licences", help="write THIRD-PARTY.md")
    what.add_parser("styles", help="write what of WeUI's style sheet our pages use")
    bill = what.add_parser("sbom", help="write the bill of materials (CycloneDX, JSON)")
    bill.add_argument("file", type=Path)
    ask = what.add_parser(
        "hashes", help="write hashes.txt and those of the extras; asks an index for each package"
    )
    ask.add_argument("index", help="the address of the index's simple interface")
    package = what.add_parser("miniprogram", help="write the mini program of an installation")
    package.add_argument("folder", type=Path)
    package.add_argument("--appid", required=True)
    package.add_argument("--address", required=True)
    given = parser.parse_args(arguments)
    if given.what == "licences":
        return _write(licences.FILE, licences.listed())
    if given.what == "styles":
        return _write(styles.FILE, styles.used())
    if given.what == "hashes":
        for file, parts in hashes.FILES.items():
            _write(file, hashes.read(given.index, file, parts()))
        return 0
    if given.what == "miniprogram":
        return _package(given.folder, mini_program.BuiltFor(given.appid, given.address))
    return _write(given.file, sbom.written(sbom.bill()))


def _package(folder: Path, built_for: mini_program.BuiltFor) -> int:
    try:
        size = mini_program.build(folder, built_for)
    except mini_program.NotBuiltError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{folder}: {size / 1024:.0f} KiB of {mini_program.LARGEST / 1024:.0f}")
    return 0


def _write(file: Path, text: str) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
