"""The embedded servers: who may do what in them, one owner at a time, data kept whatever happens."""

import json
import signal

import pytest

from dev.console import Stop
from dev.postgres import Cluster, find_binaries

HOLD = """
import json, sys, time
from dev.services import services
with services("t1-" if "test" in sys.argv else "", durable="test" not in sys.argv, quiet=True) as running:
    print(json.dumps(running.env), flush=True)
    sys.stdin.readline()
"""
ASK = """
import json, psycopg, redis, sys
url, redis_url = sys.argv[1:]
with psycopg.connect(url, autocommit=True) as c:
    one = lambda q: c.execute(q).fetchone()[0]
    c.execute("create extension if not exists pg_trgm")
    c.execute("create table if not exists kept (n int)")
    c.execute("insert into kept values (1)")
    print(json.dumps({
        "rows": one("select count(*) from kept"),
        "role": one("select current_user"),
        "is_superuser": one("select rolsuper from pg_roles where rolname = current_user"),
        "owns": one("select pg_get_userbyid(datdba) = current_user from pg_database where datname = current_database()"),
        "folds": one("select lower('Ё') = 'ё' and cardinality(show_trgm('Иванов')) > 0"),
        "fsync": one("show fsync"),
        "tcp": one("show listen_addresses"),
        "redis": redis.Redis.from_url(redis_url).ping(),
    }))
"""


def hold(launcher, *args):
    holder = launcher.python(HOLD, *args)
    line = holder.stdout.readline()
    assert line, holder.stderr.read()
    return holder, json.loads(line)


def ask(launcher, env):
    asked = launcher.python(ASK, env["DATABASE_URL"], env["REDIS_URL"])
    out, err = asked.communicate(timeout=30)
    assert out, err
    return json.loads(out)


def test_servers_of_run(launcher):
    holder, env = hold(launcher)
    assert ask(launcher, env) == {
        "rows": 1,
        "role": "sbilling",
        "is_superuser": False,
        "owns": True,
        "folds": True,
        "fsync": "on",
        "tcp": "",
        "redis": True,
    }
    assert (env["SBILLING_DEMO"], env["SBILLING_HTTPS"]) == ("1", "0")

    second = launcher.done()
    assert second.returncode == 1
    assert f"is running already (pid {holder.pid}" in second.stderr

    holder.kill()  # and at once again: what the dead one has left is waited for
    holder.communicate()
    holder, env = hold(launcher)
    assert ask(launcher, env)["rows"] == 2
    holder.communicate("enough\n", timeout=30)
    launcher.wait_until_gone(1)


def test_servers_of_tests_run_beside(launcher):
    """Fast and loose, and made again when a crash has ruined them."""
    holder, env = hold(launcher, "test")
    assert ask(launcher, env)["fsync"] == "off"
    assert holder.communicate("enough\n", timeout=30)[1] == ""
    cluster = next(p for p in (launcher.state).glob("t1-postgres-*"))
    (cluster / "global" / "pg_control").write_bytes(b"ruined")
    holder, env = hold(launcher, "test")
    assert ask(launcher, env)["rows"] == 1
    holder.send_signal(signal.SIGKILL)
    holder.communicate()


def test_named_binaries_come_first(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").touch()
    (tmp_path / "share" / "extension").mkdir(parents=True)
    monkeypatch.setenv("PG_BIN", str(tmp_path / "bin"))
    assert find_binaries() != tmp_path / "bin", "it has no pg_trgm"
    (tmp_path / "share" / "extension" / "pg_trgm.control").touch()
    assert find_binaries() == tmp_path / "bin"


def test_old_postgresql_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").write_text("#!/bin/sh\necho postgres '(PostgreSQL) 14.9'\n")
    (tmp_path / "bin" / "postgres").chmod(0o755)
    monkeypatch.setattr("dev.postgres.find_binaries", lambda: tmp_path / "bin")
    monkeypatch.setattr("dev.postgres.server_user", lambda: None)
    with pytest.raises(Stop, match=r"PostgreSQL 14 .* is too old"):
        Cluster("any")
