"""Competitors named in refusals are edited here; outcomes have pages of their own."""

from core.admin import reference
from renewals.models import Competitor

reference(Competitor, "__str__")
