"""«Все клиенты» (manual ch. 2.1): the register, who works with whom, contacts, invitations."""

from clients.models_import import ImportBatch, ImportFile, ImportReject

from .binding import Binding, BindingTopic
from .client import Client, ClientBranch, ClientDetails
from .contacts import ClientPerson, ClientPhone, Person
from .distribution import DistributionCell, DistributionClock
from .edo import EdoDocument
from .invitations import Invitation, InvitationEvent
from .merging import ClientMerge
from .product import ProductToken
from .readiness import ConnectionCheck
from .related import ClientSignal, NameWord, NotRelated, SignalFrequency, SignalQueue

__all__ = [
    "Binding",
    "BindingTopic",
    "Client",
    "ClientBranch",
    "ClientDetails",
    "ClientMerge",
    "ClientPerson",
    "ClientPhone",
    "ClientSignal",
    "ConnectionCheck",
    "DistributionCell",
    "DistributionClock",
    "EdoDocument",
    "ImportBatch",
    "ImportFile",
    "ImportReject",
    "Invitation",
    "InvitationEvent",
    "NameWord",
    "NotRelated",
    "Person",
    "ProductToken",
    "SignalFrequency",
    "SignalQueue",
]
