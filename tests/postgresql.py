"""A PostgreSQL server of its own for a test, from Debian's packages."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PASSWORD = "s3cret@/hush"


@dataclass(frozen=True)
class Server:
    """Runs in a folder of its own, and is asked over a socket there."""

    folder: Path
    programs: Path
    user: str | None
    """As whom it runs where root starts it: the server itself refuses to run as root."""

    def url(self, database: str, password: str = "s3cret%40%2Fhush") -> str:
        """What `db_url` is for it."""
        return f"postgresql+psycopg://course:{password}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection that commits each statement."""
        return psycopg.connect(
            host=str(self.folder), user="course", password=PASSWORD, dbname=database, autocommit=True
        )

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, without what root may do."""
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            user=self.user,
            group=None if self.user is None else pwd.getpwnam(self.user).pw_gid,
            extra_groups=None if self.user is None else [],
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses= -c fsync=off -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """End it now."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@contextmanager
def server() -> Iterator[Server]:
    """A new server. Where PostgreSQL is not installed the test fails: nothing is left out silently."""
    found = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if found is None:
        pytest.fail("PostgreSQL is missing. On Debian: apt install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    one = Server(folder, Path(found).resolve().parent, unprivileged())
    try:
        if one.user is not None:
            shutil.chown(folder, one.user, pwd.getpwnam(one.user).pw_gid)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        options = ["-U", "course", "-A", "scram-sha-256", "--pwfile", str(folder / "password")]
        one.run("initdb", "-D", str(folder / "data"), "--no-sync", "-E", "UTF8", "--locale=C", *options)
        one.start()
        try:
            yield one
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                one.stop()
    finally:
        shutil.rmtree(folder)


def unprivileged() -> str | None:
    """Whom root lets run the server; None for all others, who run it themselves."""
    if os.geteuid():
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
