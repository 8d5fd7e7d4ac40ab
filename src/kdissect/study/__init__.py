"""Studies: arms, cells, and the runner that does only what is missing."""

from kdissect.study.arm import Arm as Arm
from kdissect.study.at_hand import SHORT as SHORT
from kdissect.study.at_hand import measures_for as measures_for
from kdissect.study.at_hand import member as member
from kdissect.study.at_hand import study_at_hand as study_at_hand
from kdissect.study.cell import Cell as Cell
from kdissect.study.cell import plan as plan
from kdissect.study.change import change_study as change_study
from kdissect.study.find import STUDIES as STUDIES
from kdissect.study.find import find_study as find_study
from kdissect.study.judged import described as described
from kdissect.study.judged import judge as judge
from kdissect.study.judged import levels as levels
from kdissect.study.judged import runs_of as runs_of
from kdissect.study.matched import Matched as Matched
from kdissect.study.matched import match_accuracy as match_accuracy
from kdissect.study.one_student import Teaching as Teaching
from kdissect.study.one_student import one_student as one_student
from kdissect.study.one_student import teaching_of as teaching_of
from kdissect.study.runner import Runner as Runner
from kdissect.study.runner import choose_processes as choose_processes
from kdissect.study.study import Study as Study
from kdissect.study.terminal_watch import TerminalWatch as TerminalWatch
from kdissect.study.watch import NoWatch as NoWatch
from kdissect.study.watch import Watch as Watch
from kdissect.study.work import WEIGHTS as WEIGHTS
