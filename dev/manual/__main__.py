"""`./run manual [--chapter N] [--url URL]`: without `--url` on servers and a demo of its own."""

import argparse
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dev import chromium
from dev.console import Stop, say
from dev.places import LOGS, ROOT
from dev.processes import Process
from dev.services import program_environment, services

from . import connecting, partners, renewing, selling
from .scribe import Chapter, Scribe

CHAPTERS: tuple[Chapter, ...] = (partners.CHAPTER, connecting.CHAPTER, selling.CHAPTER, renewing.CHAPTER)
FOLDER = ROOT / "docs" / "manual"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run manual")
    parser.add_argument("--chapter", choices=[chapter.number for chapter in CHAPTERS], help="this one alone")
    parser.add_argument("--url", help="a running program with the demo in it, instead of one of our own")
    chosen = parser.parse_args(arguments)
    if chromium.find() is None:
        raise Stop(f"the manual is performed in Chromium, and there is none: {chromium.mending_command()}")
    with contextlib.nullcontext(chosen.url) if chosen.url else program() as url:
        for chapter in CHAPTERS:
            if chosen.chapter in (None, chapter.number):
                write(chapter, url)
    write_contents()
    return 0


@contextlib.contextmanager
def program() -> Iterator[str]:
    """The program with a fresh demo, on servers that end with it."""
    port = 8790
    with services("manual-") as running:
        env = program_environment() | running.env
        for step in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"], ["demo"]):
            subprocess.run([sys.executable, "manage.py", *step], cwd=ROOT, env=env, check=True)
        python = [sys.executable, "-m"]
        web = [*python, "gunicorn", "--threads=4", "--worker-class=gthread", f"--bind=127.0.0.1:{port}"]
        running.add(Process("web", [*web, "sbilling.wsgi"], env=env))
        running.add(Process("worker", [*python, "celery", "-A", "sbilling", "worker", "--concurrency=1"], env=env))
        yield f"http://127.0.0.1:{port}"


def write(chapter: Chapter, url: str) -> None:
    """Perform one chapter; its folder holds the text and the figures."""
    from playwright.sync_api import sync_playwright

    folder = FOLDER / chapter.number
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=arguments)
        scribe = Scribe(browser, url, folder)
        for procedure in chapter.procedures:
            scribe.title(procedure.__doc__.splitlines()[0].rstrip("."))
            try:
                procedure(scribe)
            except Exception:
                say(
                    f"«{procedure.__doc__.splitlines()[0]}» cannot be done as it is written; the screens: {scribe.keep(LOGS)}"
                )
                raise
        browser.close()
    if scribe.problems:
        raise Stop("pages failed while the manual was performed: " + "; ".join(scribe.problems))
    text = f"# {chapter.number}. {chapter.title}\n" + "\n".join(scribe.lines).replace("\n\n\n", "\n\n") + "\n"
    (folder / "README.md").write_text(text)
    say(f"chapter {chapter.number}: {len(chapter.procedures)} procedures, {len(scribe.figures)} figures")


def write_contents() -> None:
    lines = [
        "# Руководство пользователя",
        "",
        "Написано командой `./run manual`: каждая процедура выполнена в браузере.",
        "",
    ]
    lines += [f"- [{c.number}. {c.title}]({c.number}/README.md)" for c in CHAPTERS if (FOLDER / c.number).is_dir()]
    Path(FOLDER / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as problem:
        print(f"run: {problem}", file=sys.stderr)
        sys.exit(1)
