"""`thoracle open`: the web app as a desktop tool, on this machine alone and in the browser."""

import socket
import webbrowser

import typer

from thoracle.cli.running import running_address
from thoracle.cli.serve import listen, page_address, run_app
from thoracle.core.errors import SettingError

LOOPBACK = "127.0.0.1"


def open_app() -> None:
    """Show the web app in the browser; start it on this machine if it does not run yet.

    It listens on the setting port, or on any free one where that is taken.
    """
    from thoracle.core.settings import settings
    from thoracle.web.options import is_loopback

    own = settings()
    address = own.host if is_loopback(own.host) else LOOPBACK
    url = running_address(own.home)
    _need_browser(url or page_address(address, own.port), runs=url is not None)
    if url is not None:
        typer.echo(f"Thoracle runs already: {url}", err=True)
        show(url)
        return
    with _listen_somewhere(address, own.port) as listener:
        run_app(listener, address, bundle=own.bundle, show=show)


def show(url: str) -> None:
    """Open a page in the browser, or say that it did not open."""
    if not webbrowser.open(url):
        typer.echo(f"The browser did not open. Open {url} in it.", err=True)


def _listen_somewhere(address: str, port: int) -> socket.socket:
    """Take the port, or any other where something else has it."""
    try:
        return listen(address, port)
    except SettingError:
        return listen(address, 0)


def _need_browser(url: str, *, runs: bool) -> None:
    """Refuse to start what cannot be shown.

    Raises
    ------
    SettingError
        There is no browser that a program could open.
    """
    try:
        webbrowser.get()
    except webbrowser.Error as error:
        how = "Open" if runs else "Start `thoracle serve`, and open"
        raise SettingError(
            f"found no browser that can be opened from here – expected one. {how} {url} in a "
            "browser yourself.",
            code="no-browser",
        ) from error
