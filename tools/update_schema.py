"""``python tools/update_schema.py data_schemas/config.schema.json`` writes the options of a run into the schema."""

import json
import sys
from pathlib import Path

from pathfa.core.files import write_text
from pathfa.options import run_schema

path, run = Path(sys.argv[1]), run_schema()
properties = run.pop("properties")
lines = [f"      {json.dumps(key)}: {json.dumps(value)}," for key, value in run.items()]
lines += [
    '      "properties": {',
    ",\n".join(f'        "{name}": {json.dumps(properties[name])}' for name in properties),
]
before, _, rest = path.read_text(encoding="utf-8").partition('    "run": {\n')
_, end, after = rest.partition("\n      }\n    },\n")
write_text(path, "\n".join([before + '    "run": {', *lines]) + end + after)
