"""What of licences hangs on a person: planned visits of an engineer. Licences and invoices follow their account."""

from licenses.choices import AppointmentState
from licenses.models import Appointment
from licenses.services.handing import visit_hand_over
from partners.handover import Hanging, register

register(
    Hanging(
        "visits", "Запланированные визиты", order=40, hand_over=visit_hand_over,
        ids=lambda person: Appointment.objects.filter(engineer=person, state=AppointmentState.PLANNED)
        .order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
