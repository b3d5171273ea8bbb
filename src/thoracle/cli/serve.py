"""`thoracle serve`: the web app on one address, until Ctrl+C."""

import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thoracle.cli.analyze import BundleOption
from thoracle.core.errors import SettingError

if TYPE_CHECKING:
    from concurrent.futures import Future

    import uvicorn

    from thoracle.core.settings import Settings
    from thoracle.jobs.analyze import Analyzer
    from thoracle.store.results import ResultStore
    from thoracle.web.services import Extras

_SOCKET_MESSAGE_BYTES = 65_536  # of samples; the app says so in its own words below it
_END_WITHIN_S = 15  # a socket whose other side is gone would keep the app from ending
_LEFTOVER_DAYS = 1  # no upload takes a day: a folder without a row is then a dead process's


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; the setting host if not given.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; the setting port if not given, 0 any free one."),
    ] = None,
    bundle: BundleOption = None,
) -> None:
    """Start the web app: upload films, see results."""
    from thoracle.core.settings import settings

    own = settings()
    address = own.host if host is None else host
    with listen(address, own.port if port is None else port) as listener:
        run_app(listener, address, bundle=own.bundle if bundle is None else bundle)


def run_app(
    listener: socket.socket,
    address: str,
    *,
    bundle: str,
    show: Callable[[str], object] | None = None,
) -> None:
    """Load the models, serve until Ctrl+C or until told to end, and leave nothing running.

    Parameters
    ----------
    listener
        From `listen`.
    address
        What it listens on.
    bundle
        Name or folder of the classifier bundle.
    show
        Called with the address of the first page once the app is ready, in a thread of its own.
    """
    from rich.console import Console

    from thoracle.cli.running import noted
    from thoracle.cli.worker import worker_beside
    from thoracle.core.settings import settings

    own = settings()
    url = page_address(address, listener.getsockname()[1])
    console = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        # A service manager's Ctrl+C; by itself it would leave workers to end in their own time.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        stack.callback(signal.signal, signal.SIGTERM, before)
        stack.enter_context(noted(own.home, url))
        with console.status("Loading the models …"), _no_garbage():
            loading = stack.enter_context(_loading(bundle))
            app, examples = _app(stack, loading, address, bundle)
        stack.enter_context(worker_beside(own))

        def announce() -> None:
            console.print(f"Thoracle is ready: [link={url}]{url}[/link] (Ctrl+C stops it)")
            _in_background(lambda: _visit(url))
            _in_background(examples)
            if show is not None:
                _in_background(lambda: show(url))

        _run(app, listener, announce)


def _app(
    stack: ExitStack, loading: "Future[Analyzer]", address: str, bundle: str
) -> tuple[Callable[..., Any], Callable[[], None]]:
    """Return the app, and the drawing of its example films, which can wait until it is ready.

    What it is made of is imported while another thread loads the models.
    """
    from datetime import timedelta

    from thoracle.core.settings import settings
    from thoracle.store.results import open_store
    from thoracle.web.app import create_app
    from thoracle.web.options import options_from_settings, utc_now

    own = settings()
    options = options_from_settings(host=address)
    store = stack.enter_context(open_store(own.home, database_url=own.database_url))
    _need_user(store, address, is_public=not options.loopback_only)
    store.remove_leftovers(older_than=utc_now() - timedelta(days=_LEFTOVER_DAYS))
    analyzer = loading.result()
    extras, examples = _extras(own, analyzer, bundle)
    return create_app(analyzer, store, options=options, extras=extras), examples


@contextmanager
def _loading(bundle: str) -> Iterator["Future[Analyzer]"]:
    """Load the models in a thread of their own, and close them in the end."""
    from concurrent.futures import ThreadPoolExecutor

    # Imported here: two threads had better not import the same package.
    from thoracle.jobs.analyze import Analyzer

    with ExitStack() as stack, ThreadPoolExecutor(max_workers=1) as loader:

        def load() -> Analyzer:
            analyzer = stack.enter_context(Analyzer(bundle))
            analyzer.warm_up()
            return analyzer

        yield loader.submit(load)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage inside the block: a seventh of the time of imports goes into that.

    What is there at its end stays for good, and is not looked through again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _extras(
    own: "Settings", analyzer: "Analyzer", bundle: str
) -> tuple["Extras", Callable[[], None]]:
    """Gather what pages tell beside results; return it with the drawing of films to try."""
    from thoracle.jobs.about import about_bundles
    from thoracle.jobs.example_films import ExampleFilms
    from thoracle.jobs.landscape import surroundings
    from thoracle.jobs.measured import measured
    from thoracle.jobs.pseudonyms import Pseudonyms
    from thoracle.web.services import Extras

    examples = ExampleFilms(own.home, own.examples)
    extras = Extras(
        pseudonyms=Pseudonyms(own.home, keeps_identifiers=own.keep_identifiers),
        measured=measured(analyzer.models.classifier.bundle),
        bundles=about_bundles(bundle),
        examples=examples,
        surroundings=surroundings(analyzer.models.classifier.bundle),
    )
    return extras, examples.prepare


def _run(app: Callable[..., Any], listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until Ctrl+C, which is how it is meant to end."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=_SOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # costs memory for each stream, and saves little
        timeout_graceful_shutdown=_END_WITHIN_S,
    )
    with suppress(KeyboardInterrupt):
        _announcing_server(config, announce).run(sockets=[listener])


def _need_user(store: "ResultStore", address: str, *, is_public: bool) -> None:
    """Refuse to let others reach an app that asks nobody who they are.

    Raises
    ------
    SettingError
        The address is public and there is no user.
    """
    if is_public and not store.users.any_exist():
        raise SettingError(
            f"found no user, but the public address {address} – expected one before others can "
            "reach the app. Add one with `thoracle user add NAME`, or listen on 127.0.0.1.",
            code="no-user",
        )


def _visit(url: str) -> None:
    """Ask for the first page as a browser would, so that nobody waits for what that loads.

    It compiles the pages, compresses what they name, and imports what results will need.
    """
    import http.client
    import importlib

    from thoracle.cli.running import ask
    from thoracle.web.assets import pack

    with suppress(OSError, http.client.HTTPException):
        for path in ("/", "/login"):  # with users, one leads to the other
            ask(url, path)
    pack()
    for name in ("scipy.ndimage", "nibabel.nifti1"):
        importlib.import_module(name)


def _in_background(act: Callable[[], object]) -> None:
    from threading import Thread

    Thread(target=act, daemon=True).start()


def page_address(host: str, port: int) -> str:
    """Return the address of the first page as a browser on this machine takes it."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  (every interface: this machine's name works)
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow happens.

    Raises
    ------
    SettingError
        The address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingError(
            f"found no way to listen on {host} port {port} ({error.strerror or error}) – expected "
            "a free port on an address of this machine. Choose another with --port or --host, or, "
            "as in `THORACLE_PORT=8080 make run`, with THORACLE_PORT or THORACLE_HOST.",
            code="address-taken",
        ) from error


def _announcing_server(config: "uvicorn.Config", announce: Callable[[], None]) -> "uvicorn.Server":
    """Return a server that says when it is ready, and not before."""
    import uvicorn

    class AnnouncingServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce()

    return AnnouncingServer(config)
