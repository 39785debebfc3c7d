"""`python -m supply`: write the list of licences, the bill of materials, the hashes, the styles."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from supply import hashes, licences, sbom, styles


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("licences", help="write THIRD-PARTY.md")
    what.add_parser("styles", help="write what of WeUI's style sheet our pages use")
    bill = what.add_parser("sbom", help="write the bill of materials (CycloneDX, JSON)")
    bill.add_argument("file", type=Path)
    ask = what.add_parser(
        "hashes", help="write hashes.txt and hashes-demo.txt; asks an index for each package"
    )
    ask.add_argument("index", help="the address of the index's simple interface")
    given = parser.parse_args(arguments)
    if given.what == "licences":
        return _write(licences.FILE, licences.listed())
    if given.what == "styles":
        return _write(styles.FILE, styles.used())
    if given.what == "hashes":
        for file, parts in hashes.FILES.items():
            _write(file, hashes.read(given.index, file, parts()))
        return 0
    return _write(given.file, sbom.written(sbom.bill()))


def _write(file: Path, text: str) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
