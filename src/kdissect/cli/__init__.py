"""The command line. Each command imports what it needs when it runs, so that `kdissect --help` answers at once."""

from kdissect.cli.app import main as main
