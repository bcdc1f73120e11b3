"""Print how much of every room the tests meet, and fail where a room is below its floor.

coverage json -o - | python tools/coverage_of_rooms.py
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath

FLOORS = {"inference": 95.0, "data": 95.0}
"""Least share of lines and least share of branches, percent, of the rooms that all numbers come from."""
FLOOR = 85.0
"""Of every other room."""


def rooms(files: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, Counter[str]]:
    """Return the counts of every room: the folder below ``pathfa/`` that a file lies in."""
    found: dict[str, Counter[str]] = {}
    for name, file in files.items():
        inside = PurePath(name.replace("\\", "/")).parts[1:]
        room = inside[0] if len(inside) > 1 else "files beside the rooms"
        found.setdefault(room, Counter()).update(file["summary"])
    return found


def share(counts: Mapping[str, int], covered: str, all_of: str) -> float:
    """Return a share in percent; 100 of nothing."""
    return 100.0 * counts[covered] / counts[all_of] if counts[all_of] else 100.0


below = []
print(f"{'room':<24}{'lines':>8}{'branches':>10}{'floor':>8}")
for room, counts in sorted(rooms(json.load(sys.stdin)["files"]).items()):
    lines = share(counts, "covered_lines", "num_statements")
    branches = share(counts, "covered_branches", "num_branches")
    floor = FLOORS.get(room, FLOOR)
    print(f"{room:<24}{lines:>6.1f} %{branches:>8.1f} %{floor:>6.0f} %")
    if min(lines, branches) < floor:
        below.append(room)
if below:
    sys.exit(f"below the floor: {', '.join(below)}; `coverage report` names the lines that no test meets")
