"""Fixtures of all tests. Databases, Chromium, rows of the manual and the order stand in tests/plugins/."""

import contextvars
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import override_settings

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.browser",
    "tests.plugins.manual_rows",
    "tests.plugins.order",
    "tests.people",
    "tests.selling",
]


def pytest_configure(config: pytest.Config) -> None:
    try:
        from hypothesis import settings as hypothesis
    except ImportError:  # `./run rows` of a bare environment
        return
    hypothesis.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
    hypothesis.load_profile("suite")


def pytest_collection_finish() -> None:
    """What was loaded stays until the end, and the collector walked it again and again (4 % of the time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def installation(django_test_environment, tmp_path_factory):
    """What differs from a real installation: nothing leaves this process, nothing slow that no test is about."""
    from sbilling.celery import app

    files = tmp_path_factory.mktemp("files")
    # An in-memory broker that nobody reads: a queued task must not reach a worker of REDIS_URL.
    app.conf.update(broker_url="memory://", broker_transport_options={})
    with override_settings(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        MEDIA_ROOT=files,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    ):
        yield


@pytest.fixture(autouse=True)
def empty_cache(installation):
    cache.clear()


@pytest.fixture
def eager_tasks(installation):
    """Celery tasks run where they are called, and their errors are raised there."""
    from sbilling.celery import app

    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def clock_at():
    """clock_at(date or datetime) freezes the business clock until the test ends, or until it is set again."""
    from datetime import datetime

    from core import clock

    with ExitStack() as stack:
        yield lambda moment: stack.enter_context(
            clock.override(**{"at" if isinstance(moment, datetime) else "on": moment})
        )


@pytest.fixture
def threads(transactional_db):
    """threads(n, fn, catch=()): fn(0) … fn(n - 1) at the same moment, each on a connection of its own.

    Returns the results in order; an exception of the types in `catch` stands as the result of its thread, any other
    one is raised here. The frozen clock of the test counts in the threads too.
    """

    def run(number: int, function, *, catch: tuple[type[Exception], ...] = (), seconds: float = 60) -> list:
        start = threading.Barrier(number)

        def one(index: int):
            try:
                connections["default"].ensure_connection()
                start.wait(seconds)
                return function(index)
            except catch as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(number) as pool:
            futures = [pool.submit(contextvars.copy_context().run, one, index) for index in range(number)]
            return [future.result(seconds) for future in futures]

    return run
