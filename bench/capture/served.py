"""The application as gunicorn loads it: `served:app`, with the contender of BENCH_CONTENDER."""

import os

from contenders import attach
from workload import make_app

app = make_app()
attach(os.environ["BENCH_CONTENDER"], app, os.environ["BENCH_SINK"])
