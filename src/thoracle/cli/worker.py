"""`thoracle worker`: does long jobs, such as reading CT scans, beside the web app."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.own_store import open_own_store

if TYPE_CHECKING:
    from thoracle.core.settings import Settings

_ENDS_IN_S = 15.0  # it gives its job back first


def worker(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what waits, then end, instead of waiting for more.")
    ] = False,
) -> None:
    """Do long jobs, one at a time and at low priority, until Ctrl+C.

    `thoracle serve` starts one by itself. More of them, on any machine that shares the database and
    THORACLE_HOME, share the work; one that dies loses nothing.
    """
    from thoracle.jobs.job_worker import work_until_told

    with open_own_store() as store:
        begun = work_until_told(store, until_idle=once)
    typer.echo(f"{begun} jobs begun.")


@contextmanager
def worker_beside(own: "Settings") -> Iterator[None]:
    """Keep a worker running for as long as the block, unless the setting says not to."""
    if not own.worker:
        yield
        return
    from thoracle.jobs.job_worker import start_worker

    child = start_worker(own.home)
    try:
        yield
    finally:
        if child.stdin is not None:
            child.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_ENDS_IN_S)
        child.kill()
        child.wait()
