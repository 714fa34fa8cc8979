"""What of clients hangs on a person and on a sales point: open bindings of every topic."""

from clients.models import Binding
from clients.services.handing import binding_hand_over, bindings_lock
from partners.handover import Hanging, register, register_point

register(
    Hanging(
        "clients", "Клиенты", order=10, hand_over=binding_hand_over, before=bindings_lock,
        ids=lambda person: Binding.objects.open().filter(manager=person).order_by("pk").values_list("pk", flat=True),
        url=lambda person: f"/clients/?resp=e{person.pk}",
    )
)  # fmt: skip
register_point(
    Hanging(
        "clients", "Клиенты", order=10, hand_over=binding_hand_over, before=bindings_lock,
        ids=lambda point: Binding.objects.open().filter(salespoint=point).order_by("pk").values_list("pk", flat=True),
        url=lambda point: f"/clients/?resp=p{point.pk}",
    )
)  # fmt: skip
