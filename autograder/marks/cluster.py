"""Marks on the workers of a Dask scheduler, each of which is looked at before it may mark.

Nothing is shared with them but the connection: exercise, file and secret travel with each job, the code has to be the
same. A worker that comes later is looked at and takes part; what a worker had that is gone is given to others.
"""

from __future__ import annotations

import inspect
import pickle
import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from distributed import Client, KilledWorker, TimeoutError
from distributed import Future as Told
from distributed.comm.addressing import get_address_host_port

from ..course.sections import sections
from ..judge.student_process import NoWarmProcess
from . import environment
from .remote import NotAdmitted, admit, mark_admitted
from .worker import NoWorker

CONNECT = 10.0
LOOK = 0.5
"""Seconds between two looks at who is there."""
PATIENCE = 20.0
"""Seconds without any worker after which the run ends: one that was killed may be started again."""
DEATHS = 3
"""After so many workers that ended with it, a submission is not tried again."""
AHEAD = 2
"""How many jobs a worker has: one that it marks, and one that waits there for it."""
QUESTION = f"(lambda names: (exec({inspect.getsource(environment)!r}, names), names['environment']())[1])({{}})"

CALL = "(lambda call: call[0](*call[1:]))(__import__('pickle').loads(pickled))"
"""A call as text, and what is called as bytes: the scheduler needs Dask alone, and unpickles nothing of ours."""


class WorkersEnded(Exception):
    """Several workers have ended, each while it had this job."""


class Lost(Exception):
    """A worker had an answer ready, and ended before anybody fetched it."""


@dataclass
class Task:
    """One call that somebody waits for."""

    future: Future[Any]
    call: tuple[Any, ...]
    deaths: int = 0
    """How many workers have ended with it. From the first on it is tried with nothing else beside it."""


@dataclass
class Member:
    """A worker, as this run knows it."""

    address: str
    name: str
    host: str
    running: bool = True
    offered: str = field(default_factory=lambda: uuid.uuid4().hex)
    ticket: str = ""
    """What was offered, as soon as it is admitted."""
    refused: str = ""
    """Why it may not mark."""
    has: dict[Told, Task] = field(default_factory=dict)

    def takes(self, task: Task) -> bool:
        """Whether it can be given this one now."""
        if not (self.ticket and self.running) or self.refused:
            return False
        return not self.has if task.deaths else len(self.has) < AHEAD and not any(t.deaths for t in self.has.values())


class Cluster(Executor):
    """The workers of a scheduler as an executor. Use as a context manager. Raises NoWorker where no scheduler answers.

    `say` is called with a sentence for each worker that may not mark.
    """

    def __init__(self, scheduler: str, *, walled: bool = True, say: Callable[[str], None]) -> None:
        self._scheduler, self._walled, self._say = scheduler, walled, say
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other versions: that is said below, for each worker
                get_address_host_port(scheduler)  # a client that cannot read it says so after its end, on the screen
                self._client = Client(scheduler, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NoWorker(f"no Dask scheduler answers at {scheduler} ({error}).") from None
        warnings.filterwarnings("ignore", "Sending large graph")  # a notebook may have some megabytes
        self._here = environment.environment()
        self._members: dict[str, Member] = {}
        self._asked: dict[Told, Member] = {}
        self._todo: deque[Task] = deque()
        self._events: SimpleQueue[Task | Told | None] = SimpleQueue()
        self._somebody = time.monotonic()
        self._over: Exception | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have `fn` called on a worker. Both have to be importable there."""
        task = Task(Future(), (fn, *args))
        self._events.put(task)
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster. What is not done is not done."""
        self._events.put(None)
        self._thread.join()
        self._client.close()

    # --- all that follows runs in the thread ---

    def _run(self) -> None:
        looked = 0.0
        while True:
            event: Task | Told | None = None
            with suppress(Empty):
                if (event := self._events.get(timeout=LOOK)) is None:
                    return
            try:
                if event is not None:
                    self._hear(event)
                if self._over is None and time.monotonic() - looked > LOOK:
                    self._look()
                    looked = time.monotonic()
                if self._over is None:
                    self._hand_out()
            except Exception as error:
                self._end(NoWorker(f"the Dask scheduler at {self._scheduler} does not answer any more ({error})."))

    def _hear(self, event: Task | Told) -> None:
        if isinstance(event, Task):
            if self._over is not None:
                event.future.set_exception(self._over)
            else:
                self._todo.append(event)
        elif event in self._asked:
            self._admit_or_refuse(self._asked.pop(event), event)
        else:
            for member in self._members.values():
                if (task := member.has.pop(event, None)) is not None:
                    self._settle(member, task, event)
                    return

    def _look(self) -> None:
        """See who has come and who has gone."""
        known = self._client.scheduler_info()["workers"]
        for address in [address for address in self._members if address not in known]:
            self._forget(self._members[address])
        for address, about in known.items():
            member = self._members.get(address)
            if member is None:
                member = Member(address, str(about["name"]), str(about["host"]))
                self._members[address] = member
                self._ask(member, eval, QUESTION)
            member.running = about["status"] == "running"
        if any(not member.refused for member in self._members.values()):
            self._somebody = time.monotonic()
        elif time.monotonic() - self._somebody > PATIENCE:
            none = "none of the workers may mark" if self._members else "no worker is left"
            self._end(NoWorker(f"{none} at {self._scheduler}."))

    def _forget(self, member: Member) -> None:
        """Give to others what it has, and look at it anew should it come back."""
        del self._members[member.address]
        self._asked = {told: asked for told, asked in self._asked.items() if asked is not member}
        tasks, member.has = member.has, {}
        self._client.cancel(list(tasks))
        for task in tasks.values():
            self._give_back(task)

    def _give_back(self, task: Task) -> None:
        task.deaths += 1
        if task.deaths >= DEATHS:
            task.future.set_exception(WorkersEnded(f"{DEATHS} workers ended, each while it had this notebook"))
        else:
            self._todo.append(task)

    def _ask(self, member: Member, function: Callable[..., Any], *arguments: object) -> None:
        self._asked[self._send(member, function, *arguments)] = member

    def _send(self, member: Member, function: Callable[..., Any], *arguments: object) -> Told:
        names = {"pickled": pickle.dumps((function, *arguments))}
        told = self._client.submit(
            eval, CALL, names, workers=[member.address], allow_other_workers=False, pure=False, retries=0
        )
        told.add_done_callback(self._events.put)
        return told

    def _admit_or_refuse(self, member: Member, told: Told) -> None:
        """Go on with what a worker has answered: first what environment it has, then whether it walls students in."""
        try:
            answer = self._answer(member, told)
        except Exception as error:
            if self._members.get(member.address) is member and told.status != "cancelled":
                self._refuse(member, f"it could not be looked at ({type(error).__name__}: {error})")
            return
        if isinstance(answer, dict):
            if differing := environment.differences(self._here, answer):
                self._refuse(member, differing)
            else:
                neighbours = sum(other.host == member.host for other in self._members.values())
                self._ask(member, admit, member.offered, sections(), neighbours, self._walled)
        elif answer:
            self._refuse(member, str(answer))
        else:
            member.ticket = member.offered

    def _refuse(self, member: Member, why: str) -> None:
        member.refused = why
        name = "" if member.name == member.address else f"{member.name} "
        self._say(f"The worker {name}at {member.address} does not mark: {why.rstrip('.')}.")

    def _hand_out(self) -> None:
        """Give each worker what it can take; what a worker has ended with, last and alone."""
        self._todo = deque(sorted(self._todo, key=lambda task: task.deaths > 0))
        free = True
        while self._todo and free:
            free = False
            for member in sorted(self._members.values(), key=lambda member: len(member.has)):
                if self._todo and member.takes(self._todo[0]):
                    task = self._todo.popleft()
                    member.has[self._send(member, mark_admitted, member.ticket, *task.call)] = task
                    free = True

    def _answer(self, member: Member, told: Told) -> Any:
        """What a worker has answered. It keeps that until it is fetched; Dask waits for ever for one that is gone."""
        while True:
            try:
                return told.result(LOOK)
            except TimeoutError:
                if told.status == "error":
                    raise  # the call's own
                if member.address not in self._client.scheduler_info()["workers"]:
                    raise Lost from None

    def _settle(self, member: Member, task: Task, told: Told) -> None:
        """Pass on what came of a task, or try it elsewhere where the worker is to blame."""
        try:
            result = self._answer(member, told)
        except Lost:
            self._todo.append(task)  # it had nothing to do with that end
        except KilledWorker:
            self._give_back(task)
        except NotAdmitted:
            self._give_back(task)
            if self._members.get(member.address) is member:
                self._forget(member)
        except NoWarmProcess as error:
            self._give_back(task)
            self._refuse(member, str(error))
        except Exception as error:
            if told.status == "error":
                task.future.set_exception(error)
            else:
                self._give_back(task)
        else:
            task.future.set_result(result)

    def _end(self, why: Exception) -> None:
        """Nobody marks any more."""
        self._over = why
        waiting = [*self._todo, *(task for member in self._members.values() for task in member.has.values())]
        self._todo.clear()
        self._members.clear()
        for task in waiting:
            task.future.set_exception(why)
