"""A page in a real browser, and everything that should not have happened on it."""

from pathlib import Path

from playwright.sync_api import Browser, Page


class Watched:
    """A page, and everything that should not have happened on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.trouble.append(f"dialog: {dialog.message}"))
        page.on("request", self._request)

    def _request(self, request) -> None:
        if not request.url.startswith(("file:", "blob:", "data:")):
            self.trouble.append(f"request: {request.url}")


def opened(browser: Browser, path: Path, *, charts: bool = True, **settings) -> Watched:
    page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings}).new_page()
    page.set_default_timeout(10_000)
    watched = Watched(page)
    page.goto(path.as_uri())
    if charts:
        page.wait_for_selector("html[data-charts=drawn]")
    return watched
