"""Which database: the address of another server, or the embedded one."""

import pytest

from fisc.project import database, embedded


class TestDatabaseUrl:
    def test_all_parts(self):
        place = database.parse_url("postgresql://fisc:p%40ss@db.example:5433/books?sslmode=require")

        assert place == {
            "NAME": "books",
            "USER": "fisc",
            "PASSWORD": "p@ss",
            "HOST": "db.example",
            "PORT": "5433",
            "OPTIONS": {"sslmode": "require"},
        }

    def test_socket_directory(self):
        place = database.parse_url("postgres:///books?host=/run/postgresql&port=5432")

        assert (place["HOST"], place["PORT"], place["OPTIONS"]) == ("/run/postgresql", "5432", {})

    @pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://a", "postgresql://a/", "books"])
    def test_refused(self, url):
        with pytest.raises(ValueError, match="DATABASE_URL"):
            database.parse_url(url)

    def test_it_wins_over_the_embedded_server(self):
        place = database.settings_for_django({"DATABASE_URL": "postgresql://u@h/n", "FISC_TEST_SUFFIX": "x"})

        assert place["HOST"] == "h" and place["TEST"] == {"NAME": "test_fisc_x"}
        assert database.ensure_started({"DATABASE_URL": "postgresql://u@h/n"}) is False


class TestEmbeddedSettings:
    def test_a_short_home_holds_its_socket(self, tmp_path):
        cluster = embedded.Cluster(home=tmp_path, binaries=tmp_path, uid=None)

        assert cluster.socket_dir == tmp_path / "run"

    def test_a_long_home_puts_the_socket_elsewhere_and_always_there(self, tmp_path):
        homes = [tmp_path / ("长" * 40) / name for name in ("甲", "乙")]
        directories = [embedded.Cluster(home=home, binaries=home, uid=None).socket_dir for home in homes]

        assert len(bytes(directories[0])) < 100 and directories[0] != directories[1]
        assert directories[0] == embedded.Cluster(home=homes[0], binaries=homes[0], uid=None).socket_dir

    def test_commits_stay_durable(self, tmp_path):
        settings = embedded._tuning(tmp_path)

        assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(settings)
        assert settings["listen_addresses"] == ""
