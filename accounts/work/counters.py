"""Numbers beside the menu's entries: what waits for the viewer."""

from accounts.models import Task
from core import clock
from partners.models import Employee


def due_tasks(employee: Employee) -> int:
    """One's open tasks of today and before."""
    return Task.objects.open().filter(assignee=employee, due_on__lte=clock.today(employee.business_zone)).count()
