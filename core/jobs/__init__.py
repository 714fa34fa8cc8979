"""Background work: scheduled jobs and work a person waits for (architecture 2.7, 2.8; decision 35).

    @job("charges.block", "Блокировка просроченных начислений", daily=True)      # charges/tasks.py
    def block_overdue(run, on):
        for chunk in run.chunks(ids_due(on), 500):
            with chunk: ...

Then one line in `sbilling/celery.py` says when. Work a person waits for is a job with `user=True`, started by
`core.jobs.services.start_user_job`. What is due is selected from the database and marked there; Celery only wakes.
"""

from .registry import Job, every, get, job, title_of

__all__ = ["Job", "every", "get", "job", "title_of"]
