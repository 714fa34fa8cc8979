"""Who is let in: authentication backends, the directory of the accounting system, limits of sessions (decisions 22-25)."""

import os
from datetime import timedelta

# Order matters: the limiter first, then our own users.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "partners.backends.EmployeeBackend",
]

SESSION_IDLE = timedelta(hours=2)
SESSION_ABSOLUTE = timedelta(hours=12)

# Proxies of our own in front of the program; 0: REMOTE_ADDR is the client.
TRUSTED_PROXIES = int(os.environ.get("SBILLING_PROXIES", "0"))

AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "partners.backends.counted_login"
AXES_CLIENT_IP_CALLABLE = "partners.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "partners.views.door.locked_out"


# "builtin": the table DirectoryPerson and local passwords. "ldap": search and passwords of a directory server.
DIRECTORY = os.environ.get("SBILLING_DIRECTORY", "builtin")
LDAP = {
    "url": os.environ.get("SBILLING_LDAP_URL", "ldaps://127.0.0.1:636"),
    "base": os.environ.get("SBILLING_LDAP_BASE", "dc=example,dc=org"),
    "bind_dn": os.environ.get("SBILLING_LDAP_BIND_DN", ""),
    "bind_password": os.environ.get("SBILLING_LDAP_BIND_PASSWORD", ""),
    "filter": os.environ.get("SBILLING_LDAP_FILTER", "(objectClass=inetOrgPerson)"),
    "login": os.environ.get("SBILLING_LDAP_LOGIN", "uid"),
    "external_id": os.environ.get("SBILLING_LDAP_ID", "entryUUID"),
    "ca_file": os.environ.get("SBILLING_LDAP_CA", ""),
    "start_tls": os.environ.get("SBILLING_LDAP_STARTTLS", "0") == "1",
}

# A shared login: «Войти через учетную систему» stands on the login page when an issuer is named.
OIDC = {
    "issuer": os.environ.get("SBILLING_OIDC_ISSUER", "").rstrip("/"),
    "client_id": os.environ.get("SBILLING_OIDC_CLIENT", ""),
    "client_secret": os.environ.get("SBILLING_OIDC_SECRET", ""),
    "claim": os.environ.get("SBILLING_OIDC_CLAIM", "sub"),
}
