"""Digests: SM3 (GB/T 32905) over pages of rows, a Merkle tree over the pages, a chain over the trees."""

import hashlib
from collections.abc import Sequence

PREFERRED = ("sm3", "sha256")  # sha256 only where OpenSSL has no SM3; each seal says which was used
LEAF, NODE, LINK = b"\x00", b"\x01", b"\x02"  # so that none can be passed off as another (as in RFC 6962)


def best_algorithm() -> str:
    """Return the first of the preferred algorithms that this machine has."""
    return next(name for name in PREFERRED if name in hashlib.algorithms_available)


def page_digest(algorithm: str, page: bytes) -> bytes:
    """Return the digest of a page of rows."""
    return hashlib.new(algorithm, LEAF + page).digest()


def root_of(algorithm: str, digests: Sequence[bytes]) -> bytes:
    """Return the Merkle root over the digests; the last of an odd number moves up as it is.

    :raises ValueError: if there are no digests.
    """
    if not digests:
        raise ValueError("a tree needs leaves")
    level = list(digests)
    while len(level) > 1:
        pairs = [
            hashlib.new(algorithm, NODE + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def link_digest(algorithm: str, previous: bytes, content: str) -> bytes:
    """Return the digest that chains a seal to the one before it."""
    return hashlib.new(algorithm, LINK + previous + content.encode()).digest()
