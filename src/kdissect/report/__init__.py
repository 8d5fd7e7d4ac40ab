"""From files to one self-contained page: records -> view -> page.

Everything said is decided in `view` (of a study), in `results` (of a dissection, a set, a comparison) and in the
modules they call, as frozen dataclasses of texts and numbers; `page` and `app.js` only draw. Nothing here imports
torch.
"""

from kdissect.report.publish import write as write
from kdissect.report.reproduction_file import read_reproduction as read_reproduction

__all__ = ["read_reproduction", "write"]
