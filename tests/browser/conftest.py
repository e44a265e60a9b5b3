"""Pages made from small arrays, and a browser without a window to open them in."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium, shared by all tests."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra `test`)")
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH (.ci/run installs it)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page in the browser, with what it said to the console and asked the network for."""

    def __init__(self, browser, path, width=1280, **context):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.errors, self.requests = [], []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def text(self, selector):
        return self.page.locator(selector).inner_text()


@pytest.fixture
def visit(chromium):
    """Open a page: `visit(path, width)`."""
    opened = []

    def visit(path, width=1280, **context):
        opened.append(Opened(chromium, path, width, **context))
        return opened[-1]

    yield visit
    for one in opened:
        one.context.close()
