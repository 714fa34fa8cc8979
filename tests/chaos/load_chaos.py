"""People at work on a real server (C14, the modest form): `./run chaos load [--users 8] [--seconds 60] [--control]`.

Lists, cards and whole sales (connect, choose, issue, pay, ship, activate) over HTTP against gunicorn, everybody with a
session of his own. No answer of 500 and above, and every query of check_invariants silent afterwards; p50 and p95 are told,
not judged: they are those of the machine. With `--control` a row is damaged after the load, and that has to be found.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from http.cookiejar import CookieJar
from random import Random
from statistics import quantiles

from tests.chaos.scratch import MANAGE, ROOT, run_inside

LISTS = ("/clients/", "/accounts/", "/accounts/paid/", "/accounts/trial/", "/accounts/renewals/", "/payments/")
CLIENTS_EACH = 200
_TAG = re.compile(r"<(input|select|option|textarea)\b([^>]*)>", re.S)
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos load", description=__doc__)
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--control", action="store_true", help="a row is damaged after the load: it must be found")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    return run_inside("tests.chaos.load_chaos", sys.argv[1:] if arguments is None else arguments)


def inside(options: argparse.Namespace) -> int:
    import django

    django.setup()
    crew = people(options.users)
    measured: dict[str, list[float]] = defaultdict(list)
    bad: list[str] = []
    with web() as address:
        ends = time.monotonic() + options.seconds
        threads = [
            threading.Thread(target=Worker(address, login, clients, measured, bad).work, args=(ends,)) for login, clients in crew
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return judge(options, measured, bad)


def judge(options: argparse.Namespace, measured: dict[str, list[float]], bad: list[str]) -> int:
    from core import clock, invariants
    from licenses.models import Shipment
    from renewals.services import renewals_sweep_all

    for kind, seconds in sorted(measured.items()):
        parts = quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
        print(
            f"     {kind:10} {len(seconds):6} answers, p50 {parts[9] * 1000:6.0f} ms, p95 {parts[18] * 1000:6.0f} ms",
            flush=True,
        )
    for line in bad[:10]:
        print(f"     {line}")
    if options.control:
        Shipment.objects.filter(pk=Shipment.objects.order_by("pk").values("pk")[:1]).update(amount=1)
    renewals_sweep_all(on=clock.today())
    broken = [found.invariant.code for found in invariants.check()]
    sold = Shipment.objects.count()
    print(
        f"     {sold} sales shipped; answers that were not expected {len(bad)}; invariants broken: {broken or 'none'}"
    )
    good = (broken == ["licenses.shipment_amount"]) if options.control else not bad and not broken and sold > 0
    print(f"{'ok  ' if good else 'FAIL'} {options.users} users, {options.seconds} s", flush=True)
    return int(not good)


def people(number: int) -> list[tuple[str, list[int]]]:
    """[(login, clients of his)]: a sales point with the demo's price list, managers, and cards for each."""
    from datetime import date

    from core import clock
    from sbilling.demo import catalog
    from sbilling.demo.clients import moment
    from tests import factories as make

    crew = []
    operator = make.employee("operator", login="operator")
    for n in range(number):
        person = make.employee("manager", login=f"load{n}")
        person.set_password("demo")
        person.save(update_fields=["password"])
        crew.append((person.login, [make.ClientFactory().pk for _ in range(CLIENTS_EACH)]))
    today = clock.today()
    catalog.load_prices(
        catalog.load_items(), [operator.salespoint] * 3, operator, today, moment(date(today.year, 1, 1))
    )
    return crew


class web:
    """gunicorn as `./run` starts it, on a free port; `with web() as address`."""

    def __enter__(self) -> str:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.folder = tempfile.TemporaryDirectory()
        env = os.environ | {"SBILLING_STATIC_ROOT": f"{self.folder.name}/static"}
        subprocess.run([*MANAGE, "collectstatic", "--noinput", "-v", "0"], env=env, cwd=ROOT, check=True)
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--preload", "--workers=2", "--threads=4"]
        command += ["--worker-class=gthread", f"--bind=127.0.0.1:{port}", "--log-level=error", "sbilling.wsgi"]
        self.log = open(f"{self.folder.name}/web.log", "wb")
        self.process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=self.log, stderr=self.log)
        address, ends = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while time.monotonic() < ends:
            try:
                urllib.request.urlopen(f"{address}/health/live", timeout=5).close()
                return address
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        raise RuntimeError("The server has not come up in two minutes.")

    def __exit__(self, *_error) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
        self.folder.cleanup()


class Worker:
    """One person with a browser's means: cookies, forms, redirects."""

    def __init__(self, address: str, login: str, clients: list[int], measured: dict, bad: list[str]) -> None:
        self.address, self.login, self.clients = address, login, list(clients)
        self.measured, self.bad, self.dice = measured, bad, Random(login)
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.cards = [f"/clients/{pk}/" for pk in clients[:20]]

    def work(self, ends: float) -> None:
        self.submit("login", "/login/", username=self.login, password="demo")
        while time.monotonic() < ends:
            what = self.dice.random()
            if what < 0.45:
                self.ask("list", self.dice.choice(LISTS))
            elif what < 0.85:
                self.ask("card", self.dice.choice(self.cards))
            elif self.clients:
                self.sell(self.clients.pop())

    def sell(self, client: int) -> None:
        """Every step by its page: the form as the server drew it, then its submit."""
        person = {"full_name": "Морозова Ольга Игоревна", "email": "buh@client.example", "phone": "+79001234567"}
        account = self.submit("sale", f"/accounts/connect/?client={client}", **person)
        if not (found := re.search(r"/accounts/(\d{7})/", account)):
            return
        number = found[1]
        self.cards.append(f"/accounts/{number}/")
        page = self.ask("sale", f"/accounts/{number}/licenses/add/")[1]
        items = re.findall(r'name="item" value="(\d+)"', page)
        self.submit("sale", f"/accounts/{number}/licenses/add/", item=self.dice.choice(items[:3]))
        invoice = self.submit("sale", f"/accounts/{number}/invoice/")
        if not (found := re.search(r"/invoices/(\d+)/", invoice)):
            return
        for step in ("pay", "ship"):
            self.submit("sale", f"/invoices/{found[1]}/{step}/")
        self.post("sale", f"/invoices/{found[1]}/activate/", {"csrfmiddlewaretoken": self.token})
        self.cards.append(f"/invoices/{found[1]}/")

    # --- HTTP ------------------------------------------------------------------------------------------------

    def submit(self, kind: str, path: str, **values: str) -> str:
        """Where the form of a page leads when it is sent with some of its fields filled in."""
        _, page = self.ask(kind, path)
        fields = fields_of(page)
        self.token = fields.get("csrfmiddlewaretoken", "")
        return self.post(kind, path, fields | values)

    def post(self, kind: str, path: str, fields: dict[str, str]) -> str:
        return self.ask(kind, path, urllib.parse.urlencode(fields).encode())[0]

    def ask(self, kind: str, path: str, data: bytes | None = None) -> tuple[str, str]:
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address + path})
        started = time.monotonic()
        try:
            with self.browser.open(request, timeout=60) as answer:
                text, where = answer.read().decode(), answer.geturl().removeprefix(self.address)
        except urllib.error.HTTPError as error:
            text, where = error.read().decode(errors="replace"), path
            told = re.search(r'role="alert"[^>]*>(.*?)</div>', text, re.S)
            words = " ".join(re.sub("<[^>]*>", " ", told[1]).split()) if told else ""
            self.bad.append(f"{error.code} {'POST' if data else 'GET'} {path} {words}")
        except OSError as error:
            text, where = "", path
            self.bad.append(f"{type(error).__name__} {path}")
        self.measured[kind].append(time.monotonic() - started)
        return where, text


def fields_of(page: str) -> dict[str, str]:
    """{name: value} that a browser would send of the page's main form untouched: hidden, text, chosen options."""
    main = page.split("<main", 1)[-1]
    fields: dict[str, str] = {}
    select = None
    for tag, text in _TAG.findall(main):
        told = dict(_ATTRIBUTE.findall(text))
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "select":
            select = name
        elif tag == "option" and select and ("selected" in told or select not in fields):
            fields[select] = told.get("value", "")
        elif tag == "textarea" and name:
            fields[name] = ""
        elif tag == "input" and name and (kind not in ("checkbox", "radio", "submit", "file") or "checked" in told):
            fields[name] = told.get("value", "").replace("&quot;", '"').replace("&amp;", "&").replace("&nbsp;", " ")
    return fields


if __name__ == "__main__":
    sys.exit(main())
