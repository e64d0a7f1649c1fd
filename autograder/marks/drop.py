"""Puts feedback beside what a student handed in, in a folder that the student can write to.

Nothing there is trusted: no link is followed, no file that is there is opened to be written, and a name that the
student has taken for something else is left.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import ExitStack
from pathlib import Path

from ..handed_in.submission import MAX_BYTES

FEEDBACK = "feedback"
"""The folder beside a student's files that holds their feedback. What lies in it is not handed in."""


class NotPut(Exception):
    """The feedback could not be put there. The text says why."""


def put_feedback(drop: Path, student_folder: str, name: str, page: bytes) -> bool:
    """Write drop/STUDENT/feedback/NAME; False where it is so already. As private as the student's own folder. Raises
    NotPut."""
    with ExitStack() as stack:
        try:
            root = _folder(stack, os.fspath(drop))
            home = _folder(stack, student_folder, root)
            owner = os.fstat(home)
            try:
                os.mkdir(FEEDBACK, 0o700, dir_fd=home)
                made = True
            except FileExistsError:
                made = False
            inside = _folder(stack, FEEDBACK, home)
            if made:
                _hand_over(inside, owner, stat.S_IMODE(owner.st_mode))
            if _holds(inside, name, page):
                return False
            new = f".{secrets.token_hex(8)}"
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=inside)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(page)
                    file.flush()
                    _hand_over(descriptor, owner, stat.S_IMODE(owner.st_mode) & 0o644)
                os.rename(new, name, src_dir_fd=inside, dst_dir_fd=inside)
            except OSError:
                os.unlink(new, dir_fd=inside)
                raise
        except OSError as error:
            what = f"{student_folder}/{FEEDBACK}"
            raise NotPut(f"{what} in {drop} cannot be written ({error.strerror}). A link is not followed.") from None
    return True


def _folder(stack: ExitStack, name: str, above: int | None = None) -> int:
    """A folder, open. Below the first, never through a link."""
    flags = os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if above is not None else 0)
    descriptor = os.open(name, flags, dir_fd=above)
    stack.callback(os.close, descriptor)
    return descriptor


def _hand_over(descriptor: int, owner: os.stat_result, mode: int) -> None:
    """Make it the student's to read: root's own would be closed to them where their folder is private."""
    if os.geteuid() == 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    os.fchmod(descriptor, mode)


def _holds(folder: int, name: str, page: bytes) -> bool:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        return stat.S_ISREG(status.st_mode) and status.st_size == len(page) and file.read(MAX_BYTES) == page
