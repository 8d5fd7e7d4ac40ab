"""Results of studies as tables, for SQL, pandas and files: reads records, and needs no torch."""

from kdissect.results.export import export as export
from kdissect.results.tables import Tables as Tables
from kdissect.results.tables import results as results
