"""What a procedure writes with: sentences, steps and figures, kept in the order in which they happened."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

WIDTH, HEIGHT = 1280, 800
COLOURS = 128  # a screen of the program has few colours: a figure takes 40 KB instead of 150
PASSWORD = "demo"


@dataclass
class Chapter:
    """A chapter of the manual: its number, title and procedures in order."""

    number: str
    title: str
    procedures: list[Callable[[Scribe], None]] = field(default_factory=list)

    def procedure(self, function: Callable[[Scribe], None]) -> Callable[[Scribe], None]:
        """Its docstring's first line is the title, in Russian, as users read it."""
        self.procedures.append(function)
        return function


class Scribe:
    """Signed-in pages by login, and the text of one chapter."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.browser, self.url, self.folder = browser, url, folder
        self.lines: list[str] = []
        self.figures: list[str] = []
        self._steps = 0
        self._pages: dict[str, Page] = {}
        self.problems: list[str] = []

    def page(self, login: str) -> Page:
        """The person's page, signed in by the login form; one for all procedures."""
        if login not in self._pages:
            page = self.visitor()
            page.goto("/login/")
            page.get_by_label("Логин").fill(login)
            page.get_by_label("Пароль").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "/login/" not in address)
            self._pages[login] = page
        return self._pages[login]

    def visitor(self) -> Page:
        """A page of somebody who has not signed in."""
        context = self.browser.new_context(
            base_url=self.url,
            locale="ru-RU",
            timezone_id="Europe/Kaliningrad",
            viewport={"width": WIDTH, "height": HEIGHT},
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        return page

    def keep(self, folder: Path) -> Path:
        """Save what every open page shows, for whoever mends a broken run."""
        folder.mkdir(parents=True, exist_ok=True)
        for login, page in self._pages.items():
            page.screenshot(path=folder / f"manual-{login}.png")
        return folder

    def title(self, text: str) -> None:
        self.lines += ["", f"## {text}", ""]
        self._steps = 0

    def say(self, text: str) -> None:
        """A paragraph."""
        self.lines += ["", text, ""]
        self._steps = 0

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A numbered step: what is done inside the block is what the sentence says."""
        self._steps += 1
        yield
        self.lines.append(f"{self._steps}. {text}")

    def figure(self, number: str, caption: str, page: Page, *, of: Locator | None = None) -> None:
        """«Рис. 2-1 — …»: the window, or one part of it."""
        name = f"{number}.png".replace("а", "a")
        page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        shot = of.screenshot() if of is not None else page.screenshot()
        (self.folder / name).write_bytes(few_colours(shot))
        self.figures.append(number)
        self.lines += ["", f"![{caption}]({name})", "", f"*Рис. {number} — {caption}*", ""]


def few_colours(png: bytes) -> bytes:
    """The same picture with a palette."""
    from PIL import Image

    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=0)
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
