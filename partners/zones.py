"""Time zones of Russia as people name them: by the town and the hours from Moscow."""

from __future__ import annotations

ZONES: dict[str, str] = {
    "Europe/Kaliningrad": "Калининград, МСК−1",
    "Europe/Moscow": "Москва, МСК",
    "Europe/Simferopol": "Симферополь, МСК",
    "Europe/Volgograd": "Волгоград, МСК",
    "Europe/Samara": "Самара, МСК+1",
    "Europe/Saratov": "Саратов, МСК+1",
    "Asia/Yekaterinburg": "Екатеринбург, МСК+2",
    "Asia/Omsk": "Омск, МСК+3",
    "Asia/Novosibirsk": "Новосибирск, МСК+4",
    "Asia/Barnaul": "Барнаул, МСК+4",
    "Asia/Krasnoyarsk": "Красноярск, МСК+4",
    "Asia/Irkutsk": "Иркутск, МСК+5",
    "Asia/Chita": "Чита, МСК+6",
    "Asia/Yakutsk": "Якутск, МСК+6",
    "Asia/Vladivostok": "Владивосток, МСК+7",
    "Asia/Sakhalin": "Сахалин, МСК+8",
    "Asia/Magadan": "Магадан, МСК+8",
    "Asia/Kamchatka": "Камчатка, МСК+9",
    "Asia/Anadyr": "Анадырь, МСК+9",
}
"""{IANA zone: «Калининград, МСК−1»}, from west to east."""


def zone_name(zone: str) -> str:
    """A zone in words; one that is not in the list stands as it is."""
    return ZONES.get(zone, zone)
