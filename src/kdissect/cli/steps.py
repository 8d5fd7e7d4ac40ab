"""Progress of work in several steps: a bar for each on a terminal, a line for each elsewhere."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Steps:
    """Shows what is being done, on standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to show."""
        self._bars.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop."""
        self._bars.stop()

    def tell(self, step: str, done: int, of: int) -> None:
        """So much of a step is done."""
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=of or None)
            if not self._console.is_terminal:
                self._console.print(step, markup=False)
        self._bars.update(self._tasks[step], completed=done, total=of or None)
