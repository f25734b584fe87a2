"""Samples from fresh processes of our own environment, taken in turns.

A file that is measured so is a program as well: it is run with words that say what to sample, and
prints one JSON value.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any


def sample(program: str, *arguments: str) -> Any:
    output = subprocess.run(
        [sys.executable, program, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    ).stdout
    return json.loads(output)


def interleaved(
    program: str, forms: Sequence[str], rounds: int, *arguments: str
) -> dict[str, list[Any]]:
    """`rounds` samples of each form, in turns: A B A B …"""
    samples: dict[str, list[Any]] = {form: [] for form in forms}
    for _ in range(rounds):
        for form in forms:
            samples[form].append(sample(program, form, *arguments))
    return samples
