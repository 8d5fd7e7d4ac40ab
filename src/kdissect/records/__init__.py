"""Records: what a piece of work leaves behind; the store is the folder of records."""

from kdissect.records.claims import Claimed as Claimed
from kdissect.records.claims import Claims as Claims
from kdissect.records.claims import Owner as Owner
from kdissect.records.claims import Progress as Progress
from kdissect.records.files import cannot_write as cannot_write
from kdissect.records.files import file_digest as file_digest
from kdissect.records.files import write_text as write_text
from kdissect.records.files import writing_folder as writing_folder
from kdissect.records.record import FORMAT as FORMAT
from kdissect.records.record import RECORD as RECORD
from kdissect.records.record import RUN as RUN
from kdissect.records.record import Direction as Direction
from kdissect.records.record import Record as Record
from kdissect.records.record import Score as Score
from kdissect.records.record import read_fields as read_fields
from kdissect.records.record import read_record as read_record
from kdissect.records.record import write_record as write_record
from kdissect.records.store import Failure as Failure
from kdissect.records.store import Store as Store
