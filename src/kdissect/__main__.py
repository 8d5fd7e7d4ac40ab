"""`python -m kdissect` is `kdissect`."""

from kdissect.cli.app import main

main()
