"""Overviews of a study for people: the grid of arms and seeds, and the time left. Imports no torch."""

from kdissect.overview.drawing import draw_grid as draw_grid
from kdissect.overview.drawing import mark as mark
from kdissect.overview.drawing import plain as plain
from kdissect.overview.grid import Grid as Grid
from kdissect.overview.grid import Square as Square
from kdissect.overview.left import Pace as Pace
from kdissect.overview.left import spoken as spoken
