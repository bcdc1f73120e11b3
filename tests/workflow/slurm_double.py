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

HOME = Path(sys.argv[0]).resolve().parents[1]  # jobs lose every variable whose name begins with SLURM


def sbatch(words):
    job = str(os.getpid())  # several may be submitted at once
    script = next((word.removeprefix("--wrap=") for word in words if word.startswith("--wrap=")), None)
    script = script if script is not None else sys.stdin.read()
    array = next((word.removeprefix("--array=") for word in words if word.startswith("--array=")), "")
    asked = {"job": job, "array": array, "words": [word for word in words if not word.startswith("--wrap")]}
    add("calls.jsonl", json.dumps(asked))
    first, last = array.split("-") if array else ("0", "0")
    for task in range(int(first), int(last) + 1):
        names = {"SLURM_JOB_ID": job, "SLURM_JOBID": job}
        if array:
            names |= {"SLURM_ARRAY_JOB_ID": job, "SLURM_ARRAY_TASK_ID": str(task)}
            names |= {"SLURM_ARRAY_TASK_MIN": first, "SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_STEP": "1"}
        done = subprocess.run(
            script, shell=True, env={**os.environ, **names}, capture_output=True, text=True, check=False
        )
        state = "COMPLETED" if done.returncode == 0 else "FAILED"
        add("log.txt", f"{job} {task} {state}\n{done.stdout}{done.stderr}")
        add("states.txt", f"{f'{job}_{task}' if array else job}|{state}")
    print(job)


def add(name, line):
    with (HOME / name).open("a") as file:
        file.write(line + "\n")


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
