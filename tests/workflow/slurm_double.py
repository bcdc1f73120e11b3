#!/usr/bin/env python3
"""A test double of SLURM: no scheduler, no nodes.

Called as ``sbatch`` it writes down what was asked for and runs the job on this machine; ``squeue`` and ``sacct`` say
that all jobs have ended; ``srun`` runs its command. It shows what the workflow asks of a cluster, and nothing about a
real one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HOME = Path(os.environ["SLURM_DOUBLE"])
CALLS = HOME / "calls.jsonl"


def sbatch(words):
    calls = CALLS.read_text().splitlines() if CALLS.exists() else []
    job = str(1000 + len(calls))
    script = next((word.removeprefix("--wrap=") for word in words if word.startswith("--wrap=")), None)
    script = script if script is not None else sys.stdin.read()
    array = next((word.removeprefix("--array=") for word in words if word.startswith("--array=")), "")
    with CALLS.open("a") as file:
        file.write(
            json.dumps({"job": job, "array": array, "words": [w for w in words if not w.startswith("--wrap")]}) + "\n"
        )
    first, last = (map(int, array.split("-"))) if array else (0, 0)
    for task in range(first, last + 1):
        names = {"SLURM_JOB_ID": job, "SLURM_JOBID": job}
        if array:
            names |= {"SLURM_ARRAY_JOB_ID": job, "SLURM_ARRAY_TASK_ID": str(task)}
        done = subprocess.run(
            script, shell=True, env={**os.environ, **names}, capture_output=True, text=True, check=False
        )
        state = "COMPLETED" if done.returncode == 0 else "FAILED"
        with (HOME / "log.txt").open("a") as file:
            file.write(f"{job} {task} {state}\n{done.stdout}{done.stderr}\n")
        with (HOME / "states.txt").open("a") as file:
            file.write(f"{f'{job}_{task}' if array else job}|{state}\n")
    print(job)


def states(words):
    path = HOME / "states.txt"
    print(path.read_text() if path.exists() else "", end="")


def srun(words):
    # srun -n1 --cpu-bind=q ... command: the command is the first word that is not an option
    start = next(i for i, word in enumerate(words) if not word.startswith("-"))
    sys.exit(subprocess.run(words[start:], check=False).returncode)


if __name__ == "__main__":
    program = Path(sys.argv[0]).name
    if program == "sbatch":
        sbatch(sys.argv[1:])
    elif program in ("squeue", "sacct"):
        states(sys.argv[1:])
    elif program == "srun":
        srun(sys.argv[1:])
    elif program == "scontrol":
        print("MaxArraySize = 1001\nMinJobAge = 300 sec")
    elif program == "sacctmgr":
        print("default")
    elif program == "sinfo":
        print("short*")
