"""Write version and checksum of a source archive into the conda recipe.

python tools/update_recipe.py dist/pathfa-0.2.0.tar.gz conda/meta.yaml
"""

import hashlib
import re
import sys
from pathlib import Path

archive, recipe = map(Path, sys.argv[1:])
named = re.fullmatch(r"pathfa-(.+)\.tar\.gz", archive.name)
if named is None:
    sys.exit(f"{archive.name} is no source archive of PathFA; expected pathfa-VERSION.tar.gz")
text = recipe.read_text(encoding="utf-8")
text = re.sub(r'(set version = ").*(")', rf"\g<1>{named[1]}\g<2>", text)
text = re.sub(r"(sha256: )\w+", rf"\g<1>{hashlib.sha256(archive.read_bytes()).hexdigest()}", text)
recipe.write_text(text, encoding="utf-8")
