"""«Фоновые задачи»: one's own runs, everybody's for the operator, progress, cancelling, the file."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from core import clock
from core.jobs import registry, running, scheduling, services
from core.jobs.views import JobList
from core.models import JobRun
from tests.factories import employee


@pytest.fixture
def started(declared, manager):
    """started(body): a run of the manager's."""

    def start(body=lambda run, on: None, **options):
        name = declared(body, user=True, **options)
        return services.start_user_job(name, {"n": JobRun.objects.count()}, manager, title="Выгрузка клиентов")

    return start


def rows_of(response) -> int:
    return response.content.decode().count("data-id=")


def test_list_shows_ones_own_runs_and_the_operator_all(client, started, colleague, operator, manager):
    row = started()
    client.force_login(manager)
    page = client.get("/jobs/")
    assert "Выгрузка клиентов" in page.content.decode() and f'data-id="{row.pk}"' in page.content.decode()
    client.force_login(colleague)
    assert 'data-total="0"' in client.get("/jobs/").content.decode()
    client.force_login(operator)
    assert 'data-total="1"' in client.get("/jobs/").content.decode()
    assert 'data-total="0"' in client.get("/jobs/?seg=mine").content.decode()


def test_card_polls_while_the_run_is_open(client, started, manager):
    row = started()
    client.force_login(manager)
    page = client.get(f"/jobs/{row.pk}/").content.decode()
    assert 'hx-trigger="every 2s"' in page and "<html" in page
    JobRun.objects.filter(pk=row.pk).update(state="running", progress_done=32, progress_total=50)
    part = client.get(f"/jobs/{row.pk}/", headers={"HX-Request": "true", "HX-Target": "job-run"}).content.decode()
    assert "<html" not in part and "64&nbsp;%" in part and "32 из 50" in part
    JobRun.objects.filter(pk=row.pk).update(state="done", finished_at=Now())
    part = client.get(f"/jobs/{row.pk}/", headers={"HX-Request": "true", "HX-Target": "job-run"}).content.decode()
    assert "hx-trigger" not in part and "Готово" in part


def test_cancel_and_run_again(client, started, manager):
    row = started()
    client.force_login(manager)
    assert client.post(f"/jobs/{row.pk}/cancel/").status_code == 302
    assert "Запустить снова" in client.get(f"/jobs/{row.pk}/").content.decode()
    assert client.post(f"/jobs/{row.pk}/cancel/").status_code == 409
    client.post(f"/jobs/{row.pk}/restart/")
    assert running.execute(row.pk).state == "done"
    assert client.post(f"/jobs/{row.pk}/restart/").status_code == 409


def test_file_is_fetched_by_its_owner_only(client, started, manager, operator):
    row = started(lambda run, on: run.result_path("Клиенты.xlsx").write_bytes(b"rows"))
    running.execute(row.pk)
    client.force_login(manager)
    assert "Скачать файл" in client.get(f"/jobs/{row.pk}/").content.decode()
    response = client.get(f"/jobs/{row.pk}/file/")
    assert b"".join(response.streaming_content) == b"rows"
    assert response["Cache-Control"] == "private, no-store" and "attachment" in response["Content-Disposition"]
    client.force_login(operator)
    assert client.get(f"/jobs/{row.pk}/file/").status_code == 404
    assert "Скачать файл" not in client.get(f"/jobs/{row.pk}/").content.decode()
    client.force_login(manager)
    JobRun.objects.filter(pk=row.pk).update(finished_at=Now() - timedelta(days=2))
    assert client.get(f"/jobs/{row.pk}/file/").status_code == 422


@pytest.mark.parametrize("path", ["", "cancel/", "restart/", "file/"])
def test_strangers_see_nothing(client, started, colleague, path):
    row = started()
    client.force_login(colleague)
    answer = client.get if path in ("", "file/") else client.post
    assert answer(f"/jobs/{row.pk}/{path}").status_code == 404
    assert answer(f"/jobs/999999/{path}").status_code == 404


@pytest.mark.rows("RX.7")
def test_last_runs_are_the_operators(client, declared, manager, operator):
    declared(lambda run, on: run.count(rows=5), daily=True)
    client.force_login(manager)
    assert client.get("/jobs/last/").status_code == 403
    assert client.post("/jobs/clock/").status_code == 403
    client.force_login(operator)
    assert "не запускалась" in client.get("/jobs/last/").content.decode()
    scheduling.wake("test.work")
    page = client.get("/jobs/last/").content.decode()
    assert "Готово" in page and "Строк 5" in page and "Часы верны" not in page


def test_operator_confirms_a_clock_that_jumped(client, declared, operator):
    declared(lambda run, on: None, daily=True)
    scheduling.mark_clock()
    JobRun.objects.filter(job=scheduling.CLOCK_MARK).update(heartbeat_at=clock.system_now() - timedelta(days=9))
    client.force_login(operator)
    assert "Часы верны" in client.get("/jobs/last/").content.decode()
    client.post("/jobs/clock/")
    assert "Часы верны" not in client.get("/jobs/last/").content.decode()
    assert scheduling.wake("test.work")[0].state == "done"


def test_number_of_queries_does_not_grow(client, declared, operator, django_assert_max_num_queries):
    now = clock.system_now()
    people = [employee(None) for _ in range(5)]
    JobRun.objects.bulk_create(
        JobRun(job="core.export", owner=people[n % 5], created_at=now, params={"title": str(n)}) for n in range(60)
    )
    client.force_login(operator)
    client.get("/jobs/")
    with django_assert_max_num_queries(12):
        assert rows_of(client.get("/jobs/")) >= 50


def test_header_tells_what_runs_and_offers_what_is_ready(client, started, manager):
    client.force_login(manager)
    assert "hx-get" not in client.get("/navigation/jobs/").content.decode()
    rows = [started(lambda run, on: run.result_path("a.xlsx").write_bytes(b"x")) for _ in range(3)]
    page = client.get("/navigation/jobs/").content.decode()
    assert "every 3s" in page and "и еще задач 2" in page and "Скачать" not in page
    for row in rows:
        running.execute(row.pk)
    page = client.get("/navigation/jobs/").content.decode()
    assert "every 60s" in page and page.count("Скачать") == 1 and f"/jobs/{rows[-1].pk}/file/" in page
    JobRun.objects.update(finished_at=Now() - timedelta(minutes=11))
    assert "hx-get" not in client.get("/navigation/jobs/").content.decode()


def test_excel_of_all_runs_is_the_operators(client, started, manager, operator):
    started()
    assert JobList.export_right == "jobs.view"
    client.force_login(manager)
    assert client.get("/jobs/?format=xlsx").status_code == 403
    client.force_login(operator)
    assert client.get("/jobs/?format=xlsx").status_code == 200


def test_every_count_has_its_words():
    assert registry.labels_of("core.prune")["forms"] == "меток форм"
    assert registry.labels_of("gone.job") == registry.LABELS
