"""Whose program this is: name, support, owner and where its links lead (R0.1, R0.19). What is not set is not shown."""

import os


def link(name: str) -> str:
    """An address that a page may show; anything but http(s) is none."""
    address = os.environ.get(name, "").strip()
    return address if address.startswith(("https://", "http://")) else ""


BRAND = {
    "name": os.environ.get("SBILLING_NAME", "").strip() or "SBilling",
    "mark": os.environ.get("SBILLING_MARK", "").strip()[:3] or "SB",
    "owner": os.environ.get("SBILLING_OWNER", "").strip(),
    "support_phone": os.environ.get("SBILLING_SUPPORT_PHONE", "").strip(),
    "support_email": os.environ.get("SBILLING_SUPPORT_EMAIL", "").strip(),
}
# Title of the link → its address; the menu of the profile shows those that are set.
LINKS = {
    "Сервис": link("SBILLING_SERVICE_URL"),
    "Учетная система": link("SBILLING_ACCOUNTING_URL"),
    "Портал для клиентов": link("SBILLING_PORTAL_URL"),
    "Руководство": link("SBILLING_HELP_URL"),
}
OTP_TOTP_ISSUER = BRAND["name"]
