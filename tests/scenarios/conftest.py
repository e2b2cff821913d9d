"""Stories use the small district of the domain tests."""

from fisc.domains.conftest import _quick_hashes, district

__all__ = ["_quick_hashes", "district"]
