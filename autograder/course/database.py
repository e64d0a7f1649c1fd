"""nbgrader's gradebook, opened where the course has it, and what goes wrong with it in words."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import nbgrader.api
from nbgrader.api import Gradebook
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from .folder import Course

CONNECT_SECONDS, LOCK_SECONDS = 10, 20
"""How long to wait for a server, and there for a row or a table that somebody else holds. SQLite waits five seconds."""


class NoGradebook(Exception):
    """The gradebook cannot be opened. The text says why."""


def open_gradebook(course: Course) -> Gradebook:
    """The course's gradebook. Raises NoGradebook."""
    try:
        return Gradebook(course.db_url, course.course_id)
    except ModuleNotFoundError as error:
        raise NoGradebook(
            f"c.CourseDirectory.db_url in nbgrader_config.py needs the package {error.name}, which is not installed."
        ) from None
    except (SQLAlchemyError, ValueError) as error:
        raise NoGradebook(f"the gradebook cannot be opened: {in_words(error, course)}.") from None


def newest_schema() -> str:
    """The version of nbgrader's tables that is entered in a new gradebook."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    settings = Config()
    settings.set_main_option("script_location", ALEMBIC_DIR.replace("%", "%%"))
    return ScriptDirectory.from_config(settings).get_current_head() or ""


# nbgrader runs `alembic heads` for it, a process that imports nbgrader anew: over three seconds for each new gradebook.
nbgrader.api.get_alembic_version = newest_schema


def in_words(error: Exception, course: Course) -> str:
    """What the database says, on one line and without the password that c.CourseDirectory.db_url may hold."""
    text = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
    return without_password(text, course.db_url)


def without_password(text: str, url: str) -> str:
    """`text` without the password of `url`, also where that is written so that it is taken for part of the host."""
    found = re.findall(r"://[^/@]*?:(.*)@", url) + re.findall(r"[?&]password=([^&]*)", url)
    pieces = {piece for password in found for piece in (password, *password.split("@"))}
    for piece in sorted(pieces | {unquote(piece) for piece in pieces}, key=len, reverse=True):
        text = text.replace(piece, "***") if piece else text
    return text


@event.listens_for(Engine, "do_connect")
def _wait_for_server(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> None:
    if dialect.driver in ("psycopg", "psycopg2"):
        named.setdefault("connect_timeout", CONNECT_SECONDS)


@event.listens_for(Engine, "connect")
def _wait_for_locks(connection: Any, record: Any) -> None:
    if type(connection).__module__.partition(".")[0] in ("psycopg", "psycopg2"):
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        cursor.close()
        connection.commit()
