"""What of accounts hangs on a person and on a sales point: accounts in his charge and open tasks."""

from accounts.models import Account, Task
from accounts.services.handing import account_hand_over, task_hand_over
from partners.handover import Hanging, register, register_point

register(
    Hanging(
        "accounts", "Аккаунты", order=20, hand_over=account_hand_over,
        ids=lambda person: Account.objects.filter(manager=person).order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
register(
    Hanging(
        "tasks", "Открытые задачи", order=30, hand_over=task_hand_over,
        ids=lambda person: Task.objects.open().filter(assignee=person).order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
register_point(
    Hanging(
        "accounts", "Аккаунты", order=20, hand_over=account_hand_over,
        ids=lambda point: Account.objects.filter(salespoint=point).order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
register_point(
    Hanging(
        "tasks", "Открытые задачи", order=30, hand_over=task_hand_over,
        ids=lambda point: Task.objects.open().filter(salespoint=point).order_by("pk").values_list("pk", flat=True),
    )
)  # fmt: skip
