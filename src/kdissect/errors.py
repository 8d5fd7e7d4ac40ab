"""Every error that kdissect raises on purpose.

::

    KdissectError
    ├── SpecError    (ValueError)  a spec or an argument is wrong; raised before any work is done
    ├── ShapeError   (ValueError)  a tensor has the wrong shape, dtype or range
    ├── DataError    (OSError)     files are missing, damaged, or not the ones named
    ├── LayerError   (KeyError)    no such layer, or its output is no feature map
    ├── DivergedError              a loss or an activation is not finite
    └── RecordError                a saved result or a store cannot be used
        └── UnwritableError        a place for results is full, read-only or gone; nothing can go on

A message is one line: what was expected, what came, and what to do.
"""


class KdissectError(Exception):
    """The root of all errors that a user of kdissect may want to catch."""


class SpecError(KdissectError, ValueError):
    """A spec or an argument is wrong. Raised when it is made, before any work is done."""


class ShapeError(KdissectError, ValueError):
    """A tensor has the wrong shape, dtype or range."""


class DataError(KdissectError, OSError):
    """Files are missing, damaged, or not the ones named."""


class LayerError(KdissectError, KeyError):
    """A network has no layer of that name, or the layer gives no feature map."""

    def __str__(self) -> str:
        # KeyError would print the repr of its argument, quotes and all.
        return str(self.args[0]) if self.args else ""


class DivergedError(KdissectError):
    """A loss or an activation is not finite; the message names the step or image, and the term."""


class RecordError(KdissectError):
    """A saved result, or the folder that should hold it, cannot be used."""


class UnwritableError(RecordError):
    """A place for results is full, read-only or gone. It stops a study at once, since no cell could be kept."""
