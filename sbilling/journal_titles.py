"""History of the installation itself in words."""

from core.timeline import register

register({"clock.moved": "Машина времени: день демонстрации передвинут"})
