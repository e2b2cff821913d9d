"""A small bureau with people of every post, a test kind of document, an import, and a way to call the interface."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from fisc.api import tokens
from fisc.kernel.documents import kinds
from fisc.kernel.documents.tests import kit
from fisc.kernel.exchange import known
from fisc.kernel.exchange.tests import conftest as files
from fisc.kernel.exchange.tests.conftest import ready  # noqa: F401 - the fixture
from fisc.kernel.orgs import accounts, clock
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Grant, Role, Unit, User

PASSWORD = "Haidao-2023-yi"
DAY = dt.date(2023, 1, 1)


class Caller:
    """Calls the interface as one person, or as nobody."""

    def __init__(self, secret: str | None = None) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def __call__(self, method: str, address: str, body=None, **options):
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{address}", headers=headers, **options)

    def send(self, address: str, name: str, content: bytes, **fields):
        """Upload a file with form fields."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        data = {"file": SimpleUploadedFile(name, content), **fields}
        return self.client.post(f"/api/v1{address}", data=data, headers=headers)


@pytest.fixture(autouse=True)
def quick(settings, tmp_path):
    """Scrypt is slow on purpose; attachments of tests go to their own folder; the pages are not needed here."""
    settings.ROOT_URLCONF = (path("api/", include("fisc.api.urls")),)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bureau(ready):  # noqa: F811
    """The test kind and the business date."""
    kit.make_tables()
    clock.set_business_date(dt.date(2023, 7, 3))
    with kinds.also(kit.slip_kind()), known.also(files.SPEC, files.LOOSE):
        yield ready


@pytest.fixture
def person(bureau):
    """person("name", role, unit code) makes an account with one grant."""

    def make(username: str, *roles: str, unit: str | None = None, section: str | None = None) -> User:
        draft = accounts.AccountDraft(
            username=username,
            name=f"{username}先生",
            unit_id=Unit.objects.get(code=unit).pk if unit else None,
            section_code=section,
            password=PASSWORD,
            must_change_password=False,
        )
        user = accounts.create_user(draft=draft, actor=system_actor(), at=files.AT)
        for role in roles:
            row = Role.objects.get(code=role)
            Grant.objects.create(
                user=user, role=row, group=row.group, valid_from=DAY, granted_by_id=bureau.user_id
            )
        return user

    return make


@pytest.fixture
def caller(person):
    """caller(user) calls with a token of theirs."""

    def make(user: User) -> Caller:
        issued = tokens.make(user=user, name="测试", days=1, ip="127.0.0.1", at=timezone.now())
        return Caller(issued.secret)

    return make


@pytest.fixture
def anyone():
    """A stranger without a token."""
    return Caller()


@pytest.fixture
def everything(person, caller):
    """Somebody with all rights over all units."""
    Role.objects.create(code="test_all", name="全部", permissions=["*"], sees_all_units=True)
    return caller(person("quan", "test_all", unit="100"))


@pytest.fixture
def of_school(person, caller):
    """Somebody of the school who makes slips and sees his school only."""
    Role.objects.create(
        code="test_unit", name="单位", permissions=["testkit.slip.*", "test.line.import", "figures.view"]
    )
    return caller(person("xuexiao", "test_unit", unit="001001"))


@pytest.fixture
def slip(bureau):
    """slip(unit code) makes a document of the test kind; gives its id."""

    def make(unit: str = "301", amount: int = 12_345, **more) -> int:
        spec = kinds.get("testkit.slip")
        return kit.make_slips(spec, Unit.objects.get(code=unit), bureau, amount, **more)[0]

    return make
