"""What was published against what is in a store."""

from kdissect.study.reproduction.against_store import reproduce as reproduce
from kdissect.study.reproduction.against_store import write_reproduction as write_reproduction
from kdissect.study.reproduction.claim import Claim as Claim
from kdissect.study.reproduction.published import PUBLISHED as PUBLISHED
from kdissect.study.reproduction.row import Row as Row
