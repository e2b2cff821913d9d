"""Browser tests: the system's Chromium if there is one, else they skip and say so. Screenshots are kept as artefacts."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

ARTEFACTS = Path(__file__).resolve().parents[2] / os.environ.get("ARTEFACTS", "artefacts") / "screenshots"
# Playwright's synchronous interface runs an event loop in the test's thread; Django would refuse queries there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def chromium() -> str | None:
    """Return the path of a Chromium or Chrome of this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything here as a browser test; skip it where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if "FISC_BROWSER_URL" not in os.environ:
                item.add_marker(pytest.mark.django_db)  # without any such test no test database is made
            if chromium() is None:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on this machine (apt-get install chromium)")
                )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Start the system's browser; as root, and in containers with a small /dev/shm, only these switches let it run."""
    from django.db import connections

    # Under Playwright's event loop Django opens connections of its own; one left behind would keep the test database busy.
    connections.close_all()
    switches = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": switches}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """A Chinese user on a common office screen."""
    return {**browser_context_args, "locale": "zh-CN", "viewport": {"width": 1366, "height": 768}}


@pytest.fixture
def shot(page):
    """Return a function that keeps a screenshot of the page under a name."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)

    return take


PASSWORD = "Yunyu-2023-demo"


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server in the demo district.

    FISC_BROWSER_URL names one that runs already (on the database of DATABASE_URL); else the demo is played and served.
    """
    if address := os.environ.get("FISC_BROWSER_URL"):
        blocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock():
            yield address
        return
    request.getfixturevalue("in_demo_district")
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)
    from django.db import connections

    connections.close_all()


class Desk:
    """One browser in which people log in and out, and what they do most."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.messages: list[str] = []
        page.on("console", lambda message: self.messages.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.messages.append(f"{page.url}: {error}"))
        self.hosts: set[str] = set()
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def log_in(self, username: str) -> None:
        """Become another person."""
        self.page.context.clear_cookies()
        self.go("/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("nav.side", state="attached")

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(path if path.startswith("http") else f"{self.site}{path}")

    def step(self, name: str, comment: str = "") -> None:
        """Take a step on the document page: press its button, confirm in the dialog."""
        self.page.click(f"[data-dialog=step-{name}]")
        if comment:
            self.page.fill(f"#step-{name} textarea", comment)
        with self.page.expect_navigation():
            self.page.click(f"#step-{name} button[type=submit]")
        refused = self.page.locator("main .refusal")
        assert not refused.count(), refused.first.inner_text()

    def pick(self, key: str, text: str) -> None:
        """Search in a code field and take the first suggestion."""
        self.page.fill(f"#f-{key}", text)
        self.page.locator(f"#s-{key} button").first.click()

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()


@pytest.fixture
def desk(page: Page, site: str) -> Desk:
    """A browser at the site."""
    return Desk(page, site)
