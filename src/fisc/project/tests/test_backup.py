"""An archive proves itself before anything is restored."""

import io
import tarfile
from pathlib import Path

import pytest

from fisc.project import backup


def repack(source: Path, target: Path, *, change=None, drop=None, add=None) -> Path:
    """Copy an archive with one member changed, dropped or added."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            if member.name == drop:
                continue
            content = old.extractfile(member).read()
            if member.name == change:
                content = content[:-1] + bytes([content[-1] ^ 1])
            _add(new, member.name, content)
        if add:
            _add(new, add, b"x")
    return target


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


@pytest.fixture
def archive(tmp_path):
    members = {"database.dump": tmp_path / "dump", "media/票.txt": tmp_path / "receipt"}
    for path in members.values():
        path.write_bytes(b"content of " + path.name.encode())
    manifest = backup._manifest(members, {"t": 1}, server_version=180006)
    backup._pack(tmp_path / "good.tar", manifest, members)
    return tmp_path / "good.tar"


class TestProof:
    def test_a_good_archive(self, archive):
        manifest = backup.read_manifest(archive)

        assert manifest["rows"] == {"t": 1} and set(manifest["sm3"]) == {"database.dump", "media/票.txt"}

    @pytest.mark.parametrize("member", ["database.dump", "media/票.txt", "manifest.json"])
    def test_one_flipped_bit(self, archive, tmp_path, member):
        with pytest.raises(backup.BackupCorrupted) as refused:
            backup.read_manifest(repack(archive, tmp_path / "bad.tar", change=member))

        assert refused.value.facts["member"] == member

    def test_a_member_taken_away(self, archive, tmp_path):
        with pytest.raises(backup.BackupCorrupted):
            backup.read_manifest(repack(archive, tmp_path / "bad.tar", drop="media/票.txt"))

    @pytest.mark.parametrize("name", ["media/more.txt", "../outside"])
    def test_a_member_slipped_in(self, archive, tmp_path, name):
        with pytest.raises(backup.BackupCorrupted):
            backup.read_manifest(repack(archive, tmp_path / "bad.tar", add=name))

    def test_no_manifest(self, archive, tmp_path):
        with pytest.raises(backup.NotABackup):
            backup.read_manifest(repack(archive, tmp_path / "bad.tar", drop="manifest.json"))

    @pytest.mark.parametrize("keep", [0, 700, 3000])
    def test_cut_off(self, archive, tmp_path, keep):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(archive.read_bytes()[:keep])

        with pytest.raises((backup.NotABackup, backup.BackupCorrupted)):
            backup.read_manifest(cut)

    def test_another_file(self, tmp_path):
        other = tmp_path / "a.tar"
        other.write_text("not an archive")

        with pytest.raises(backup.NotABackup):
            backup.read_manifest(other)

    def test_a_manifest_that_names_a_place_outside(self, tmp_path):
        """Even a proven archive writes nowhere but into its own folder."""
        (tmp_path / "evil").write_bytes(b"x")
        members = {"media/../../evil": tmp_path / "evil"}
        backup._pack(tmp_path / "a.tar", backup._manifest(members, {}, server_version=180006), members)
        target = tmp_path / "target"
        target.mkdir()

        with tarfile.open(tmp_path / "a.tar") as tar, pytest.raises(backup.NotABackup):
            backup._unpack(tar, members, target)

        assert not list(target.iterdir())

    def test_unpacked_as_it_was(self, archive, tmp_path):
        target = tmp_path / "target"
        target.mkdir()

        with tarfile.open(archive) as tar:
            backup._unpack(tar, ["database.dump", "media/票.txt"], target)

        assert (target / "media" / "票.txt").read_bytes() == b"content of receipt"

    def test_never_over_an_existing_file(self, archive):
        with pytest.raises(backup.FileExists):
            backup.write(path=archive)
