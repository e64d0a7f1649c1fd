"""Reads what is in a download: a folder or a zip, and the zips that students put into it. Nothing is unpacked to disk.

What is read is bounded before it is read: how many entries there are, how large each and all of them claim to be, how
much they were packed, how deep zips lie in zips. No link is followed, no path of a zip is ever a path here.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

from .platforms import Parts
from .submission import MAX_BYTES

MAX_ZIP = 100 << 20
"""Bytes of a zip that a student hands in."""
MAX_ENTRIES = 2_000
"""Entries of a student's zip, those of zips in it counted too."""
MAX_UNPACKED = 400 << 20
"""Bytes that these claim to be, unpacked."""
MAX_RATIO = 200
"""How many times larger than packed. Text is packed to a tenth, and a notebook of one plot to a fiftieth."""
MAX_DEPTH = 3
"""Zips in zips in a student's zip."""
MAX_DOWNLOAD = 100_000
"""Entries of a whole download."""
MAX_FOLDERS = 12
"""How deep folders may lie in a folder."""
SMALL = 1 << 20
"""Bytes up to which a ratio says nothing: an empty sheet packs a thousandfold."""
NOT_OPENED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
LITTER = {"__MACOSX", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", ".git", "__pycache__"}
_BEGIN, _END, _LOCATOR, _UNIX_TIME = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07", 0x5455


class Refused(Exception):
    """An entry that is not read. The text says why, and what to do."""


@dataclass(frozen=True)
class Outer:
    """An entry of the download itself."""

    path: Parts
    time: datetime | None
    """What the download says of its time (UTC): for some platforms when it was handed in, for others when it was
    downloaded."""
    read: Callable[[int], bytes]
    """Gives its bytes, if there are no more than this; else raises Refused."""
    stamp: tuple[int, ...] = ()
    """Changes with the file, where it lies in a folder."""


@dataclass(frozen=True)
class Content:
    """A file in a download, or why there is none."""

    inside: Parts
    """The path inside the student's own zips; () where there is none."""
    data: bytes | None
    why: str = ""


@dataclass
class Budget:
    """What may still be read of one student's zip."""

    entries: int = MAX_ENTRIES
    unpacked: int = MAX_UNPACKED

    def spend(self, infos: list[zipfile.ZipInfo], packed: int) -> None:
        """Count a zip's entries before any is read. Raises Refused."""
        self.entries -= len(infos)
        size = sum(info.file_size for info in infos)
        self.unpacked -= size
        if self.entries < 0:
            raise Refused(f"There are more than {MAX_ENTRIES:,} files in this zip.")
        if self.unpacked < 0:
            raise Refused(f"Unpacked, this zip is larger than {MAX_UNPACKED >> 20} MB.")
        if size > SMALL and size > MAX_RATIO * packed:
            raise Refused("This zip unpacks to far more than files of students do: a zip bomb, perhaps.")


def is_litter(path: Parts) -> bool:
    """Whether a computer has put it there, and no person."""
    return any(part in LITTER or part.startswith("._") for part in path)


def parts_of(name: str) -> Parts:
    """A path in a zip, folder by folder; Windows writes backslashes. Refused where it leads out of it."""
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    if ".." in parts or name.startswith(("/", "\\")) or (parts and len(parts[0]) == 2 and parts[0][1] == ":"):
        raise Refused("Its path leads out of the download. Nothing was written there.")
    return parts


def shown(parts: Parts) -> str:
    """A path as it can be shown and kept: whatever is no text or cannot be seen is written out."""
    text = "/".join(parts).encode("utf-8", "backslashreplace").decode()
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= 500 else f"{text[:300]}…{text[-180:]}"


# --- the download itself ---


@dataclass
class Download:
    """A folder or a zip, open. Use as a context manager."""

    path: Path
    zone: tzinfo | None = None
    """Where the clock of a zip goes, which says no time zone: this machine's where it is None."""
    changed: bool = False
    """Whether a file's time is when its content or its name last changed, which its owner cannot set."""
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def outers(self) -> list[Outer]:
        """Its entries. Raises Refused where it is no download, or one without bounds."""
        if self.path.is_dir():
            return list(self._folder())
        if not self.path.is_file():
            raise Refused(f"There is no file or folder {self.path}.")
        if not zipfile.is_zipfile(self.path):
            time = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
            descriptor = self._stack.enter_context(_Descriptor(os.open(self.path.parent, os.O_RDONLY)))
            return [Outer((self.path.name,), time, partial(_read_file, descriptor, self.path.name))]
        return list(self._zip())

    def _zip(self) -> Iterator[Outer]:
        try:
            archive = self._stack.enter_context(zipfile.ZipFile(self.path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refused(f"{self.path.name} cannot be opened as a zip ({error}). Download it again.") from None
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MAX_DOWNLOAD:
            raise Refused(f"{self.path.name} has {len(infos):,} entries; {MAX_DOWNLOAD:,} are the most.")
        for info in infos:
            name = name_of(info)
            try:
                parts = parts_of(name)
            except Refused as error:
                yield Outer((name.replace("\\", "/").lstrip("/"),), None, partial(_refuse, str(error)))
                continue
            yield Outer(parts, self._time(info), partial(_read_member, archive, info))

    def _time(self, info: zipfile.ZipInfo) -> datetime | None:
        if (seconds := _unix_time(info.extra)) is not None:
            return datetime.fromtimestamp(seconds, UTC)
        try:
            return datetime(*info.date_time, tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def _folder(self) -> Iterator[Outer]:
        count = 0
        root = str(self.path)
        for at, folders, names, descriptor in os.fwalk(root, follow_symlinks=False):
            above: Parts = () if at == root else tuple(os.path.relpath(at, root).split(os.sep))
            links = [one for one in folders if os.path.islink(os.path.join(at, one))]
            for name in links:
                yield Outer((*above, name), None, partial(_refuse, "It is a link, which is not followed."))
            folders[:] = sorted(one for one in folders if one not in links and len(above) < MAX_FOLDERS)
            for name in sorted(names):
                count += 1
                if count > MAX_DOWNLOAD:
                    raise Refused(f"There are more than {MAX_DOWNLOAD:,} files in {self.path}.")
                try:
                    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                except OSError:
                    continue  # gone since the folder was read
                time = datetime.fromtimestamp(status.st_ctime if self.changed else status.st_mtime, UTC)
                stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                yield Outer((*above, name), time, partial(self._read_below, above, name), stamp)

    def _read_below(self, above: Parts, name: str, most: int) -> bytes:
        """The bytes of a file in a folder that others may write to: each folder on the way is opened as no link."""
        with ExitStack() as stack:
            try:
                descriptor = stack.enter_context(_Descriptor(os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)))
                for folder in above:
                    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                    descriptor = stack.enter_context(_Descriptor(os.open(folder, flags, dir_fd=descriptor)))
            except OSError as error:
                raise Refused(f"It cannot be read ({error.strerror}).") from None
            return _read_file(descriptor, name, most)


class _Descriptor:
    """An open file, closed at the end of a `with`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


def _read_file(folder: int, name: str, most: int) -> bytes:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused("It is a link, which is not followed.") from None
        raise Refused(f"It cannot be read ({error.strerror}).") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("It is not a regular file.")
        if status.st_size > most:
            raise Refused(too_large(status.st_size, most))
        return file.read(most)


def too_large(size: int, most: int) -> str:
    """Why a file is not read."""
    return f"It is {size >> 20} MB large; {most >> 20} MB are the most. With its outputs cleared it is smaller."


def _refuse(why: str, most: int) -> bytes:
    raise Refused(why)


# --- zips ---


def name_of(info: zipfile.ZipInfo) -> str:
    """The name of an entry. One that does not say that it is UTF-8 often is it all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _unix_time(extra: bytes) -> int | None:
    """Seconds since 1970 in UTC, where the zip says them beside its own time, which has no time zone."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNIX_TIME and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return int(struct.unpack_from("<i", extra, 5)[0])
        extra = extra[4 + size :]
    return None


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of one entry. What it claims to be bounds what is read."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused("It is a link, which is not followed.")
    if info.flag_bits & 1:
        raise Refused("It is encrypted. Ask for it without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("It is packed in an unusual way. Ask for an ordinary zip, or for the notebook itself.")
    if info.file_size > most:
        raise Refused(too_large(info.file_size, most))
    try:
        with archive.open(info) as file:
            return file.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise Refused(f"It is damaged in the zip ({error}).") from None


def contents(outer: Outer) -> Iterator[Content]:
    """The files that an entry of a download is: itself, or what is in the zip that it is."""
    name = outer.path[-1].lower()
    try:
        is_zip = name.endswith(".zip") and not is_litter(outer.path)
        data = outer.read(MAX_ZIP if is_zip else MAX_BYTES)
        # Where a platform takes notebooks only, some give their zip the name of one.
        if not is_zip and not (name.endswith(".ipynb") and data.startswith(_BEGIN)):
            yield Content((), data)
            return
    except Refused as error:
        yield Content((), None, str(error))
        return
    yield from _unpacked(data, (), Budget(), 1)


def _unpacked(data: bytes, inside: Parts, budget: Budget, depth: int) -> Iterator[Content]:
    """What is in a student's zip, and in zips in it. One that is refused is given as it is, with the reason."""
    whole = data if len(data) <= MAX_BYTES else None
    try:
        if depth > MAX_DEPTH:
            raise Refused(f"Zips lie in zips, more than {MAX_DEPTH} deep.")
        archive, infos = _opened(data, budget)
    except Refused as error:
        yield Content(inside, whole, str(error))
        return
    if not infos:
        yield Content(inside, whole, "This zip is empty.")
    with archive:
        for info in infos:
            try:
                parts = (*inside, *(parts_of(name_of(info)) or ("?",)))
                is_zip = parts[-1].lower().endswith(".zip") and not is_litter(parts)
                member = _read_member(archive, info, MAX_ZIP if is_zip else MAX_BYTES)
            except Refused as error:
                yield Content((*inside, name_of(info).replace("\\", "/").lstrip("/")), None, str(error))
                continue
            if is_zip:
                yield from _unpacked(member, parts, budget, depth + 1)
            else:
                yield Content(parts, member)


def _opened(data: bytes, budget: Budget) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """A student's zip and its files, counted. Its list is bounded before Python makes objects of it."""
    tail = data[-(1 << 16) - 64 :]
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        raise Refused("It is called a zip and is none, or is cut off.")
    if _LOCATOR in tail[max(place - 20, 0) : place]:
        raise Refused("It is a zip for more than four gigabytes. Ask for an ordinary one.")
    if struct.unpack_from("<I", tail, place + 12)[0] > (46 + 512) * MAX_ENTRIES:
        raise Refused(f"There are more than {MAX_ENTRIES:,} files in this zip.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise Refused(f"It cannot be opened as a zip ({error}).") from None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    budget.spend(infos, len(data))
    return archive, infos
