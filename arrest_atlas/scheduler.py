"""A Dask cluster in place of this machine's threads: the address in, an executor out."""

from __future__ import annotations

import asyncio
import logging
import platform
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, NoReturn

from geo import InputError, Problem

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["open_executor"]

_PATIENCE: Final = 5
"""Seconds to wait for the scheduler to answer, and as many for its first worker."""

_SAME: Final = ("arrest-atlas", "numpy", "scipy", "pandas", "numba")
"""Distributions on which numbers depend; they must be the same everywhere."""

_LOGGERS: Final = (
    "distributed",
    "distributed.client",
    "distributed.comm.tcp",
    "distributed.core",
    "distributed.protocol.core",
    "distributed.protocol.pickle",
    "tornado.application",
    "asyncio",
)


@contextmanager
def open_executor(address: str | None) -> Iterator[Executor | None]:
    """Connect to a Dask scheduler for as long as the block lasts.

    Every worker must run the same Python and the same versions of arrest-atlas and of the
    libraries that numbers depend on; then the results are the same as without a cluster.

    Parameters
    ----------
    address : str or None
        Address of the scheduler, such as ``tcp://10.0.0.5:8786``. None means no cluster.

    Yields
    ------
    concurrent.futures.Executor or None
        The cluster's executor; None where no address is given.

    Raises
    ------
    InputError
        If Dask is not installed, nobody answers at the address, there are no workers, or
        their versions differ; also if the cluster is lost within the block.

    Examples
    --------
    >>> with open_executor(None) as executor:
    ...     executor is None
    True
    """
    if address is None:
        yield None
        return
    with _quiet():
        client = _connect(address)
        try:
            _check_workers(client, address)
            with client.get_executor() as executor:  # type: ignore[no-untyped-call]
                yield executor
        except Exception as error:
            if not _is_of_dask(error):
                raise
            _refuse(
                f"that the cluster at {address!r} was lost ({type(error).__name__})",
                "a scheduler and at least one worker that stay until the end",
                "see their logs for why they went away, and start again",
            )
        finally:
            client.close(timeout=_PATIENCE)  # type: ignore[no-untyped-call]


def _connect(address: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415  (an extra, and its import takes a second)
    except ImportError:
        _refuse(
            f"{address!r}, and no Dask here",
            "Dask's distributed installed",
            'run: pip install "arrest-atlas[dask]"',
        )
    try:
        # A client that fails to connect lingers and complains: see first who answers.
        asyncio.run(_greet(address))
        return Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001  (what answers may be any server, and say anything)
        _refuse(
            f"no Dask scheduler at {address!r} ({_short(error)})",
            "the address of one that runs, such as tcp://10.0.0.5:8786",
            "start it with: dask scheduler, or correct the address",
        )


async def _greet(address: str) -> None:
    """Ask who is there, and make sure that it is a scheduler."""
    from distributed.core import rpc  # noqa: PLC0415
    from distributed.security import Security  # noqa: PLC0415

    how = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with rpc(address, timeout=_PATIENCE, connection_args=how) as peer:  # type: ignore[no-untyped-call]
        identity = await asyncio.wait_for(peer.identity(), _PATIENCE)
    if identity["type"] != "Scheduler":
        message = f"it is a {identity['type']}"
        raise ValueError(message)


def _check_workers(client: Client, address: str) -> None:
    """Make sure that there are workers, and that they compute what would be computed here."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        _refuse(
            f"no workers at {address!r}", "at least one", f"start one with: dask worker {address}"
        )
    here = _versions()
    problems = []
    answers: dict[str, Any] = client.run(_versions, on_error="return")
    for worker, there in sorted(answers.items()):
        if isinstance(there, BaseException):
            found = f"that arrest-atlas does not run there ({_short(there)})"
            problems.append(_worker_problem(worker, found, f"arrest-atlas {here['arrest-atlas']}"))
            continue
        other = [name for name in here if there.get(name) != here[name]]
        if other:
            found = ", ".join(f"{name} {there.get(name) or 'missing'}" for name in other)
            expected = ", ".join(f"{name} {here[name] or 'missing'}" for name in other)
            problems.append(_worker_problem(worker, found, f"{expected}, as here"))
    if problems:
        raise InputError(problems)


def _versions() -> dict[str, str | None]:
    """Tell the versions of what numbers depend on, here or in a worker."""
    versions: dict[str, str | None] = {
        "Python": ".".join(platform.python_version_tuple()[:2]),
    }
    for name in _SAME:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return versions


def _is_of_dask(error: Exception) -> bool:
    """Tell an error of the cluster, which goes by many names, from one of the work."""
    return isinstance(error, CancelledError) or type(error).__module__.startswith("distributed.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's log off the terminal: what matters of it is raised as an error."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    with warnings.catch_warnings():
        # Versions are compared by _check_workers; the size of what is sent is ours to choose.
        warnings.filterwarnings("ignore", module=r"distributed\..*")
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


def _short(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_PATIENCE} s"
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def _refuse(found: str, expected: str, action: str) -> NoReturn:
    problem = Problem(file="--scheduler", found=found, expected=expected, action=action)
    raise InputError([problem]) from None


def _worker_problem(worker: str, found: str, expected: str) -> Problem:
    return Problem(
        file="--scheduler",
        where=f"worker {worker}",
        found=found,
        expected=expected,
        action="install the same versions on every worker",
    )
