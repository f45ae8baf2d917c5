"""Progress on stderr, and errors that a user can mend."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console

from arrest_atlas.errors import USER_ERRORS

_ASKED_TO_END = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def _leave(number: int, _: object) -> NoReturn:
    """Asked to end, leave as after an error, so that nothing half-written stays behind."""
    for other in _ASKED_TO_END:
        signal.signal(other, signal.SIG_IGN)  # the clean-up is not to be interrupted
    sys.exit(128 + number)


@contextmanager
def reporting(failed: str = "Nothing was written:") -> Iterator[Callable[[str], None]]:
    """Show progress on stderr, and turn errors a user can mend into messages and exit code 2."""
    console = Console(stderr=True)
    before = {number: signal.signal(number, _leave) for number in _ASKED_TO_END}
    try:
        with console.status("starting") as status:
            yield status.update
    except (*USER_ERRORS, OSError) as error:
        console.print(failed, style="bold red")
        message = _CONTROL.sub("\ufffd", str(error))
        console.print(message, markup=False, highlight=False, emoji=False, soft_wrap=True)
        sys.exit(2)
    except MemoryError:
        console.print(failed, style="bold red")
        message = "found more data than the memory holds; expected less; leave out files, columns "
        message += "or rows that are not needed, or take a larger machine"
        console.print(message, markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
