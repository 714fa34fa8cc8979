"""A real slapd on loopback for the tests of the directory: found on PATH, in /usr/sbin, or named by $SLAPD."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

BASE = "dc=example,dc=org"
ADMIN, SECRET = f"cn=admin,{BASE}", "service"

CONFIG = """\
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
database mdb
maxsize 10485760
suffix "{base}"
rootdn "{admin}"
rootpw {secret}
directory {folder}/data
"""

ENTRIES = """\
dn: {base}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=kaverkina,{base}
objectClass: inetOrgPerson
uid: kaverkina
employeeNumber: e-1
sn: Каверкина
givenName: Нина
cn: Каверкина Нина Игоревна
displayName: Каверкина Нина Игоревна
title: менеджер
mail: kaverkina@example.org
telephoneNumber: +7 495 000-00-01
userPassword: right horse

dn: uid=kaverin,{base}
objectClass: inetOrgPerson
uid: kaverin
employeeNumber: e-2
sn: Каверин
givenName: Петр
cn: Каверин Петр
userPassword: other horse
"""


def find() -> str | None:
    """The server program, or None."""
    return os.environ.get("SLAPD") or shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Slapd:
    """Runs until `stop`; `url` is where it listens."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary, self.folder = Path(binary), folder
        root = self.binary.parents[2]
        (folder / "data").mkdir()
        facts = {"base": BASE, "admin": ADMIN, "secret": SECRET, "folder": folder}
        facts |= {"schema": root / "etc/ldap/schema", "modules": root / "usr/lib/ldap"}
        self.config, ldif = folder / "slapd.conf", folder / "people.ldif"
        self.config.write_text(CONFIG.format(**facts))
        ldif.write_text(ENTRIES.format(**facts))
        self._run("slapadd", "-f", str(self.config), "-l", str(ldif))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.start()

    def _run(self, tool: str, *args: str) -> None:
        # slapd is one program that looks at the name it is called by.
        subprocess.run([tool, *args], executable=str(self.binary), check=True, capture_output=True, timeout=30)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(self.binary), "-d", "0", "-f", str(self.config), "-h", self.url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("slapd did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
