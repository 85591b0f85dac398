"""Write every sample and the manifest anew: ``python -m tests.ocr.samples.generate``.

The same program with the same fonts gives the same files.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

import msgspec

from tests.ocr.samples import FOLDER, MANIFEST, MadeWith, Manifest, Sample
from tests.ocr.samples.fonts import digests
from tests.ocr.samples.recipes import recipes


def made_with() -> MadeWith:
    """What is installed here of what decides about the pixels."""
    return MadeWith(pillow=version("pillow"), numpy=version("numpy"), fonts=digests())


def main() -> None:
    """Write the files and say how large they are."""
    made: list[Sample] = []
    total = 0
    for recipe in recipes():
        sample, data = recipe.make()
        sample.path.write_bytes(data)
        made.append(sample)
        total += len(data)
        sys.stdout.write(f"{len(data):8d}  {sample.file}\n")
    manifest = msgspec.json.encode(Manifest(made_with(), tuple(made)))
    MANIFEST.write_bytes(msgspec.json.format(manifest, indent=1) + b"\n")
    sys.stdout.write(f"{total:8d}  {len(made)} files in {FOLDER.name} and examples\n")


if __name__ == "__main__":
    main()
