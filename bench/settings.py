"""The program as it is, with the baselines beside it under /bench/."""

from sbilling.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
