"""«Обращения» (manual ch. 5): tickets, their steps, messages and files; contracts and calendars."""

from .contracts import CalendarDay, ProblemKind, ServiceContract, ServiceMembership, WorkCalendar
from .messages import TicketFile, TicketLink, TicketMessage
from .tickets import Ticket, TicketAssignment, TicketEvent, TicketPause

__all__ = [
    "CalendarDay",
    "ProblemKind",
    "ServiceContract",
    "ServiceMembership",
    "Ticket",
    "TicketAssignment",
    "TicketEvent",
    "TicketFile",
    "TicketLink",
    "TicketMessage",
    "TicketPause",
    "WorkCalendar",
]
