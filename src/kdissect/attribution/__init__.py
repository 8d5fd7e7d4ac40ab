"""Attributions: which pixels decide a network's output, one method a file; to be listed here is to be tested."""

from kdissect.attribution.attribution import Attribution as Attribution
from kdissect.attribution.grad_cam import GradCam as GradCam
from kdissect.attribution.gradient import Gradient as Gradient
from kdissect.attribution.input_gradient import InputGradient as InputGradient
from kdissect.attribution.integrated_gradients import IntegratedGradients as IntegratedGradients
from kdissect.attribution.occlusion import Occlusion as Occlusion
from kdissect.attribution.smooth_grad import SmoothGrad as SmoothGrad

ATTRIBUTIONS: tuple[type[Attribution], ...] = (
    Gradient,
    InputGradient,
    IntegratedGradients,
    GradCam,
    SmoothGrad,
    Occlusion,
)
