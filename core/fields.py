"""Column kinds used everywhere."""

from django.db import models
from django.db.models import Func


class MoneyField(models.DecimalField):
    """Roubles with kopecks, numeric(14,2) (decision 4)."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class DateRange(Func):
    """daterange(from, to, '[]'): both days included, as every period of the interface."""

    function = "daterange"
    output_field = None

    def __init__(self, lower: str, upper: str) -> None:
        from django.contrib.postgres.fields import DateRangeField
        from django.db.models import Value

        super().__init__(lower, upper, Value("[]"), output_field=DateRangeField())
