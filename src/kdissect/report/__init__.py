"""From a store to one self-contained page: records -> view -> page.

Everything said is decided in `view` and the modules it calls, as frozen dataclasses of texts and
numbers; `page` and `app.js` only draw. Nothing here imports torch.
"""

from kdissect.report.page import write as write

__all__ = ["write"]
