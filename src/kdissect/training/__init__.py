"""Training one network: recipe, loop, checkpoints, teacher."""

from kdissect.training.distiller import Distilled as Distilled
from kdissect.training.distiller import Distiller as Distiller
from kdissect.training.fit import Fit as Fit
from kdissect.training.fit import Task as Task
from kdissect.training.fit import fit as fit
from kdissect.training.fit import fit_together as fit_together
from kdissect.training.predict import accuracy as accuracy
from kdissect.training.predict import predict as predict
from kdissect.training.processes import Processes as Processes
from kdissect.training.recipe import Recipe as Recipe
from kdissect.training.seen import Bound as Bound
from kdissect.training.seen import Objective as Objective
from kdissect.training.seen import Pair as Pair
from kdissect.training.seen import Seen as Seen
from kdissect.training.seen import Taught as Taught
from kdissect.training.seen import TeacherStage as TeacherStage
from kdissect.training.teacher import Teacher as Teacher
from kdissect.training.teacher_cache import TeacherCache as TeacherCache
from kdissect.training.trainee import BEST as BEST
