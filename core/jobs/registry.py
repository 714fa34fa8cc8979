"""Which jobs exist. Apps declare them in `<app>/tasks.py`; when they run stands in `sbilling/celery.py` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from core.errors import DomainError

if TYPE_CHECKING:
    from .running import Run

    Body = Callable[[Run, date], Any]

ATTEMPTS = 3


@dataclass(frozen=True)
class Job:
    """A declared job. `name` is «app.verb_noun», `title` what a person reads on «Фоновые задачи»."""

    name: str
    title: str
    body: Body
    daily: bool = False
    user: bool = False
    catch_up: bool = True
    zones: Callable[[], Iterable[str]] | None = None
    may_download: Callable[[Any, Any], bool] | None = None
    silence: int = 900
    labels: Mapping[str, str] = field(default_factory=dict)


# Words for counts that many jobs have.
LABELS = {"rows": "строк", "done": "выполнено", "refused": "отказано", "skipped": "пропущено", "changed": "изменено"}

_jobs: dict[str, Job] = {}


def job(name: str, title: str, **options: Any) -> Callable[[Body], Body]:
    """Declare `body(run, on)`: select what is due on the date `on`, do it in short transactions, mark it.

    The body may be called twice, late, or after a crash in its middle, and must leave the same result.
    Long work goes through `run.chunks`; all of it calls `run.advance` now and then.

    daily         one run per business date, every missed date included (`catch_up=False`: the newest alone)
    zones         a daily job of local days: a run per IANA zone, started when its day has begun
    user          started by a person with `start_user_job`; DomainError is shown to him and not retried
    may_download  (run row, employee) -> bool: asked again when the result is fetched
    labels        words for the names of `run.count`: {"formed": "сформировано"}
    silence       seconds without `advance` or a chunk after which a run counts as hung
    """

    def declare(body: Body) -> Body:
        if _jobs.get(name) and _jobs[name].body.__qualname__ != body.__qualname__:
            raise ValueError(f"Two jobs are called {name}.")
        _jobs[name] = Job(name, title, body, **options)
        return body

    return declare


def get(name: str) -> Job:
    """The job, or DomainError: a name from the command line or from an old row may be unknown."""
    try:
        return _jobs[name]
    except KeyError:
        raise DomainError(f"Задачи «{name}» нет. Список: manage.py list_jobs.", code="unknown_job") from None


def every() -> list[Job]:
    """All jobs by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def title_of(name: str) -> str:
    """The title, or the name of a job that was removed since."""
    return _jobs[name].title if name in _jobs else name


def labels_of(name: str) -> Mapping[str, str]:
    """Words for the counts of a job."""
    return {**LABELS, **_jobs[name].labels} if name in _jobs else LABELS
