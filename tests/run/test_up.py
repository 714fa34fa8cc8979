"""`./run` from start to Ctrl-C, on the servers of the environment and an empty state folder."""

import os
import re
import signal
import socket
import urllib.request
from urllib.parse import quote

import pytest
from django.db import connection

from dev import up
from dev.console import Stop


@pytest.fixture
def urls(transactional_db, operator):
    """This test's own database, migrated and not empty, and the Redis of the tests."""
    connection.close()
    told = connection.settings_dict
    login = quote(told["USER"]) + (f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else "")
    port = f":{told['PORT']}" if told["PORT"] else ""
    return {
        "DATABASE_URL": f"postgres://{login}@{quote(told['HOST'], safe='')}{port}/{told['NAME']}",
        "REDIS_URL": os.environ["REDIS_URL"],
    }


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_from_start_to_ctrl_c(launcher, urls, free_port):
    run = launcher.start(**urls, PORT=str(free_port))
    address = f"http://127.0.0.1:{free_port}/"
    first = run.stdout.readline()
    assert re.fullmatch(rf"READY {address}  \(\d+\.\d s\)\n", first), run.stderr.read()
    assert "operator, head, manager" in run.stdout.readline()

    with urllib.request.urlopen(f"{address}login/") as page:
        html = page.read().decode()
    style = re.search(r'href="(/static/[^"]+\.css)"', html)[1]
    with urllib.request.urlopen(address.rstrip("/") + style) as file:
        assert file.status == 200

    second = launcher.done(**urls, PORT=str(free_port))
    assert (second.returncode, f"(pid {run.pid}, {address})" in second.stderr) == (1, True)

    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20)
    assert run.returncode == 0
    launcher.wait_until_gone(1)


def test_port_taken(launcher, urls):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = launcher.done(**urls, PORT=str(port))
    assert done.returncode == 1
    assert f"port {port} is taken by another program. Take another one: PORT={port + 1} ./run" in done.stderr


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "８０００"])
def test_no_port(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Stop, match="is no port"):
        up._chosen_port()


def test_server_that_is_not_there(launcher):
    done = launcher.done(
        DATABASE_URL="postgres://sbilling@127.0.0.1:1/none", REDIS_URL=os.environ["REDIS_URL"], PORT="65001"
    )
    assert done.returncode == 1
    assert "cannot connect to the database of DATABASE_URL" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "localhost", "DATABASE_URL is no address this program knows: postgres://"),
        ("DATABASE_URL", "mysql://root:secret@127.0.0.1/shop", "DATABASE_URL is no address"),
        ("REDIS_URL", "127.0.0.1:6379", "REDIS_URL is no address this program knows: redis://"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "the Redis of REDIS_URL does not answer"),
        ("REDIS_URL", "redis://127.0.0.1:port/0", "the Redis of REDIS_URL does not answer"),
    ],
)
def test_address_that_is_none(launcher, free_port, name, value, told):
    """One sentence, without the password, and nothing started."""
    urls = {"DATABASE_URL": "postgres://sbilling@127.0.0.1:1/none", "REDIS_URL": os.environ["REDIS_URL"]}
    done = launcher.done(**urls | {name: value}, PORT=str(free_port))
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
