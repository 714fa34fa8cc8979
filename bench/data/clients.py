"""Cards of the register as lines of COPY. One pass, one generator of chance, everything a narrow row says agrees.

Shares (of the living): a quarter holds accounts, a tenth is worked with, the others wait in the pools; 25 % have
ceased, half have a phone, 3.5 % are new; 0.5 % repeat an ИНН with another КПП.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from .network import Network
from .numbers import inn_legal, inn_person, ogrn, ogrnip
from .words import DRAWN, Vocabulary, skewed

COLUMNS = (
    "id", "kind", "inn", "kpp", "ogrn", "name", "name_norm", "region_code", "city", "registered_on", "ceased_on", "state_code",
    "okved", "as_of", "record_as_of", "src_hash", "is_flagged", "has_phone", "phone_tail", "salespoint_id", "manager_id",
    "prospect_state", "prospect_on", "lost_reason", "decline_reason", "trial_reason", "invite_state", "invited_on",
    "next_contact_on", "last_active_on", "work_state", "accounts_count", "main_account_number", "version",
)  # fmt: skip
ACCOUNTS = 0.25
"""Accounts per client: 3 million beside 12 million."""
OLDEST = 8_000
SHARDS = 4
"""The register is made in four parts that know nothing of each other: parts may be made at the same time."""
NULL, UNKNOWN, NO_CONTACT = "\\N", "1900-01-01", "9999-12-31"
OKVEDS = ["47.11", "62.01", "49.41", "43.39", "69.20", "56.10", "01.11", "68.20", "41.20", "46.90", "85.14", "86.21"]


class Register:
    """The stream of one part's cards. Serial numbers of the parts are interleaved, so that they stay unique."""

    def __init__(self, shard: int, words: Vocabulary, network: Network, *, seed: int, on: date, count: int) -> None:
        self.rng = Random(seed * SHARDS + shard)
        self.shard, self.words, self.network, self.on = shard, words, network, on
        self.first, self.last = count * shard // SHARDS + 1, count * (shard + 1) // SHARDS
        self.days = [(on - timedelta(days=n)).isoformat() for n in range(OLDEST + 400)]
        self.years = [(on - timedelta(days=n)).year for n in range(OLDEST + 400)]
        self.okveds = skewed(self.rng, OKVEDS, 0.6)
        self.legal: dict[str, int] = {}
        self.persons: dict[str, int] = {}
        self.accounts, self.last_of = 0, {}
        self.wanted = int((self.last - self.first + 1) * ACCOUNTS)

    def lines(self, at_once: int = 2_000) -> Iterator[str]:
        """Pieces of COPY text."""
        piece = []
        for n in range(self.first, self.last + 1):
            piece.append(self._line(n))
            if len(piece) == at_once:
                yield "".join(piece)
                piece = []
        yield "".join(piece)

    def _line(self, n: int) -> str:
        random = self.rng.random
        region = self.network.regions[int(random() * DRAWN)]
        age = int(random() * 180) if random() < 0.035 else 181 + int((OLDEST - 181) * random() ** 1.3)
        identity = self._identity(region, age, n)
        ceased = age > 400 and random() < 0.27
        phone = "" if ceased or random() < 0.5 else self._phone()
        ceased_on = self.days[int(random() * (age - 1))] if ceased else NULL
        as_of = self.days[int(random() * 300)]
        head = (
            f"{n}\t{identity}\t{region}\t{self.network.cities[region]}\t{self.days[age]}\t{ceased_on}\t{'201' if ceased else ''}\t"
            f"{self.okveds[int(random() * DRAWN)]}\t{as_of}\t{as_of}\t{n}\tf\t{'t' if phone else 'f'}\t{phone}\t"
        )
        return head + self._work(n, region, ceased) + "\t1\n"

    def _phone(self) -> str:
        """+7 000 … is in no numbering plan. Every hundredth is the phone of a bookkeeping office with many clients."""
        random = self.rng.random
        return f"+7000{int(random() * 300) if random() < 0.01 else int(random() * 10_000_000):07d}"

    def _identity(self, region: str, age: int, n: int) -> str:
        """kind, inn, kpp, ogrn, name, name_norm."""
        random, dice = self.rng.random, self.rng.random()
        if dice < 0.46:
            serial = self.legal[region] = self.legal.get(region, self.shard) + SHARDS
            name, norm = self._organisation()
            # Another card of the legal person before: a branch of its own ОГРН and КПП, as registers give them.
            twin = serial >= 2 * SHARDS and random() < 0.01
            inn, kpp = inn_legal(region, serial - SHARDS if twin else serial), f"{region}99{'43' if twin else '01'}001"
            return f"legal\t{inn}\t{kpp}\t{ogrn(region, self.years[age], serial)}\t{name}\t{norm}"
        serial = self.persons[region] = self.persons.get(region, self.shard) + SHARDS
        name, norm = self._person()
        if dice < 0.98:
            number = ogrnip(region, self.years[age], serial)
            return f"entrepreneur\t{inn_person(region, serial)}\t\t{number}\t{name}, ИП\t{norm} ип"
        return f"person\t{inn_person(region, serial)}\t\t{NULL}\t{name}\t{norm}"

    def _organisation(self) -> tuple[str, str]:
        random, words, dice = self.rng.random, self.words, self.rng.random()
        if dice < 0.25:
            one, other = words.glued[int(random() * len(words.glued))], words.second[int(random() * DRAWN)]
        elif dice < 0.5:
            one, other = words.common[int(random() * DRAWN)], words.second[int(random() * DRAWN)]
        elif dice < 0.7:
            one, other = words.kinds[int(random() * DRAWN)], words.common[int(random() * DRAWN)]
        elif dice < 0.9:
            one, other = words.common[int(random() * DRAWN)], words.rare[int(random() * len(words.rare))]
        else:
            one, other = words.common[int(random() * DRAWN)], None
        form, low = ("ООО", "ооо") if random() < 0.88 else ("АО", "ао") if random() < 0.6 else ("ТСЖ", "тсж")
        if other is None:
            return f"{one[0]}, {form}", f"{one[1]} {low}"
        return f"{one[0]} {other[0]}, {form}", f"{one[1]} {other[1]} {low}"

    def _person(self) -> tuple[str, str]:
        random = self.rng.random
        lasts, firsts, middles = self.words.men if random() < 0.6 else self.words.women
        a, b, c = lasts[int(random() * DRAWN)], firsts[int(random() * DRAWN)], middles[int(random() * DRAWN)]
        return f"{a[0]} {b[0]} {c[0]}", f"{a[1]} {b[1]} {c[1]}"

    def _work(self, n: int, region: str, ceased: bool) -> str:
        """salespoint … main_account_number."""
        random = self.rng.random
        if not ceased:
            points = self.network.points[region]
            point = points[int(random() * len(points))]
            managers = self.network.managers[point]
            manager = managers[int(random() * len(managers))]
            if random() * (self.last - n + 1) * 0.75 < self.wanted - self.accounts:
                return self._connected(point, manager)
            if random() < 0.05 and point in self.last_of:
                return self._member(point)
            return self._prospect(point, manager)
        return f"{NULL}\t{NULL}\tnone\t{UNKNOWN}\t\t\t\t\t{UNKNOWN}\t{NO_CONTACT}\t{UNKNOWN}\tnew\t0\t{NULL}"

    def _connected(self, point: int, manager: int) -> str:
        """The main organisation of a new account; what the account is worth decides the category."""
        random, days = self.rng.random, self.days
        self.accounts += 1
        number, dice, owner = (
            1_000_000 + self.accounts * SHARDS + self.shard,
            random(),
            manager if random() < 0.95 else NULL,
        )
        active = days[int(random() ** 3 * 300)]
        came = days[30 + int(random() * 1_500)]
        invite, invited = ("connected", came) if random() < 0.08 else ("", UNKNOWN)
        if dice < 0.62:
            state, lost, trial = "connected", "", ""
        elif dice < 0.80:
            state, lost, trial = "trial", "", "account"
        else:
            state, lost, trial = "lost", "inactive", ""
            active = days[100 + int(random() * 200)]
        self.last_of[point] = (number, owner, state, lost, trial)
        return (
            f"{point}\t{owner}\t{state}\t{came}\t{lost}\t\t{trial}\t{invite}\t{invited}\t{self._contact(0.05)}\t{active}\t"
            f"connected\t1\t{number}"
        )

    def _member(self, point: int) -> str:
        """One more organisation of the account made last at the same point."""
        number, owner, state, lost, trial = self.last_of[point]
        on = self.days[int(self.rng.random() * 400)]
        return f"{point}\t{owner}\t{state}\t{on}\t{lost}\t\t{trial}\t\t{UNKNOWN}\t{NO_CONTACT}\t{on}\tconnected\t1\t{number}"

    def _prospect(self, point: int, manager: int) -> str:
        random, days = self.rng.random, self.days
        dice = random()
        bound = random() < 0.14
        owner = f"{point}\t{manager if random() < 0.6 else NULL}" if bound else f"{NULL}\t{NULL}"
        state, on, lost, why, invite, invited = "none", UNKNOWN, "", "", "", UNKNOWN
        if dice < 0.055:
            on = invited = days[int(random() * 200)]
            state, invite = "invited", ("not_worked", "not_worked", "invited", "started")[int(random() * 4)]
        elif dice < 0.075:
            on = invited = days[int(random() * 900)]
            state, why, invite = "declined", ("no_need", "competitor", "price", "paper")[int(random() * 4)], "declined"
        contact = self._contact(0.1) if bound else NO_CONTACT
        work = "contacted" if bound and random() < 0.3 else "new"
        return f"{owner}\t{state}\t{on}\t{lost}\t{why}\t\t{invite}\t{invited}\t{contact}\t{UNKNOWN}\t{work}\t0\t{NULL}"

    def _contact(self, share: float) -> str:
        """«Следующий контакт»: some of the dates are passed."""
        if self.rng.random() > share:
            return NO_CONTACT
        return (self.on + timedelta(days=int(self.rng.random() * 40) - 10)).isoformat()


__all__ = ["ACCOUNTS", "COLUMNS", "SHARDS", "Register"]
