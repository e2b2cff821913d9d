"""These tests have the books of revenue and treasury only: the reports are the product's frames, nothing added."""

import pytest

from fisc.domains.narrative import assembly


@pytest.fixture(autouse=True)
def _frames_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "sentence_files", lambda: ())
