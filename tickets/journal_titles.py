"""History of tickets in words."""

from core.timeline import register

register({"ticket.handed_over": "Обращение передано: {to}"})
