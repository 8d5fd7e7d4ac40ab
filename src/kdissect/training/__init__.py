"""Training one network: recipe, loop, checkpoints, teacher."""

from kdissect.training.fit import Fit as Fit
from kdissect.training.fit import fit as fit
from kdissect.training.fit import forget as forget
from kdissect.training.predict import accuracy as accuracy
from kdissect.training.predict import predict as predict
from kdissect.training.recipe import Recipe as Recipe
from kdissect.training.seen import Objective as Objective
from kdissect.training.seen import Seen as Seen
from kdissect.training.teacher import Teacher as Teacher
