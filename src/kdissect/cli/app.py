"""The application: commands, and one clear line for a user's mistake."""

import os
import sys
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from kdissect import __version__
from kdissect.cli.compare import compare
from kdissect.cli.data import data
from kdissect.cli.dissect import dissect
from kdissect.cli.draw import draw
from kdissect.cli.list import list_all
from kdissect.cli.measure import measure
from kdissect.cli.report import report
from kdissect.cli.results import results
from kdissect.cli.run import run
from kdissect.cli.status import status
from kdissect.cli.train import train
from kdissect.cli.verdict import verdict
from kdissect.errors import KdissectError

MISTAKE = 2
"""Exit code of a user's mistake."""

app = App(
    name="kdissect",
    help="Distil a network, then dissect what it learned.",
    version=__version__,
    default_parameter=Parameter(negative=()),
    suppress_keyboard_interrupt=False,
)
app.meta.suppress_keyboard_interrupt = False
for command in (run, status, results, train, measure, dissect, compare, verdict, report, draw):
    app.command(command)
app.command(data)
app.command(list_all, name="list")


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: bool = False,
) -> None:
    """Distil a network, then dissect what it learned.

    Args:
        tokens: the command and its arguments.
        debug: show the traceback of an error.
    """
    try:
        app(tokens, exit_on_error=False, print_error=False)
    except KdissectError as error:
        if debug:
            raise
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        fail(f"{error}{notes}")
    except BrokenPipeError:
        # Whoever read what we print has had enough, as `head` has; Python shall not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if debug:
            raise
        from kdissect.records import cannot_write  # late: most calls end well

        place = f" ({error.filename})" if error.filename else ""
        unwritable = cannot_write(error) or isinstance(error, PermissionError)
        advice = "; see that there is space and that the folder can be written, run again" if unwritable else ""
        fail(f"{error.strerror or error}{place}{advice}")
    except CycloptsError as error:
        fail(f"{' '.join(str(error).split())} (see kdissect --help)")
    except KeyboardInterrupt:
        fail("stopped; what is done is kept, and the same command goes on from there", code=130)


def fail(message: str, *, code: int = MISTAKE) -> None:
    """Print one line to standard error and leave with the code."""
    if os.environ.get("RANK", "0") == "0":  # of several processes that train together one speaks
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"kdissect: {message}", markup=False)
    sys.exit(code)


def main() -> None:
    """The entry point of the `kdissect` command."""
    app.meta(sys.argv[1:])
