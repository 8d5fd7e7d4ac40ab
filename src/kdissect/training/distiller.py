"""A student, its teacher and its objective as one module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, final

import torch
from torch import Tensor, nn

from kdissect.data.views import see_otherwise
from kdissect.errors import DataError, SpecError
from kdissect.models import Anatomy, Network, Reading, format_of
from kdissect.training.seen import Objective, Pair, Seen, Taught


@final
@dataclass(frozen=True)
class Distilled:
    """What a step gives.

    Attributes:
        loss: to be minimised, a scalar.
        terms: its weighted summands by name, scalars.
        logits: of the student for the images as they came, `(b k)`.
    """

    loss: Tensor
    terms: dict[str, Tensor]
    logits: Tensor


@final
class Distiller(nn.Module):
    """A student, its teacher and its objective as one module, for one's own training loop.

    ::

        distiller = Distiller(student, teacher, CE() + KD(temperature=4))
        optimizer = torch.optim.SGD(distiller.parameters(), lr=0.1)
        for images, labels in loader:
            out = distiller(images, labels)
            out.loss.backward(); optimizer.step(); optimizer.zero_grad()
        student = distiller.export()

    `parameters()` are those of the student and of the parts that the objective trains; the teacher is no submodule,
    stays in eval mode, gets no gradient, and moves along with `.to()`. Works inside torch.compile and
    DistributedDataParallel, since layers are outputs of the networks' forward passes.

    Args:
        student: the network in training; held, not copied. Some objectives (SimKD) rebuild its end.
        teacher: a trained network; None for none.
        objective: what to minimise; a term, a weighted term or a sum of them.
        images: a batch as the student takes it `(b 3 h w)`, to look at the layers; None for noise of `image_size`.
        image_size: side of the images, where none are given.
        num_images: images of the training split, for terms that remember each.
        labels: of all of them, `(num_images)`, if known.
        groups: coarse group of each class, `(k)`, for the controls that need a class tree.
        network: the student's spec: with it, uint8 pictures are taken and normalised.
        teacher_network: the teacher's.
        seed: of what terms draw at random.

    Attributes:
        views: further views of each image that the objective looks at.
        needs_indices: whether the index of each image is looked at.

    Raises:
        SpecError: a term needs what is not there.
        ShapeError: the networks do not fit each other.
        LayerError: there is no such layer; lists candidates.
    """

    def __init__(
        self,
        student: nn.Module,
        teacher: nn.Module | None,
        objective: Objective,
        *,
        images: Tensor | None = None,
        image_size: int = 64,
        num_images: int = 0,
        labels: Tensor | None = None,
        groups: Tensor | None = None,
        network: Network | None = None,
        teacher_network: Network | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if objective.needs_teacher and teacher is None:
            raise SpecError(f"{objective.formula} needs a teacher; name one")
        device = next(student.parameters()).device
        if images is None:
            images = torch.randn(2, 3, image_size, image_size, device=device)
        self.network, self.teacher_network, self.seed, self.step = network, teacher_network, seed, 0
        self.epoch = 0
        taught = Anatomy.of(teacher, images) if teacher is not None else None
        own = Anatomy.of(student, images)
        if teacher is not None and taught is not None and objective.adapt(student, own, teacher, taught) is not None:
            own = Anatomy.of(student, images)
        pair = Pair(
            own,
            taught,
            num_classes=own.num_classes,
            num_images=len(labels) if labels is not None else num_images,
            labels=labels,
            groups=groups,
            student_module=student,
            teacher_module=teacher,
        )
        self._classifier = pair.student.classifier
        self.bound = objective.bind(pair)
        assert isinstance(self.bound, nn.Module)
        self.bound.to(device)
        self.views = tuple(self.bound.views)
        self.needs_indices = self.bound.needs_indices
        self._formats = [format_of(student)]
        self.student = Reading(student, self.bound.student_layers, pair.student)
        # In a tuple: no submodule, so neither parameters() nor a wrapper nor train() ever reaches it.
        self._teacher: tuple[Reading, ...] = ()
        if teacher is not None and taught is not None:
            teacher.eval().requires_grad_(False)
            self._formats.append(format_of(teacher))
            self._teacher = (Reading(teacher, self.bound.teacher_layers, taught).eval(),)

    @property
    def teacher(self) -> Reading | None:
        """The teacher; None if there is none."""
        return self._teacher[0] if self._teacher else None

    @property
    def parts(self) -> nn.Module:
        """The bound objective, as the module of all that it trains and remembers."""
        assert isinstance(self.bound, nn.Module)
        return self.bound

    @property
    def classifier(self) -> str | None:
        """Name of the student's last linear layer."""
        return self._classifier

    def forward(
        self,
        images: Tensor,
        labels: Tensor,
        indices: Tensor | None = None,
        targets: Mapping[str, Tensor] | None = None,
        views: Mapping[str, Tensor] | None = None,
        draw: int | None = None,
    ) -> Distilled:
        """Loss, named terms and logits for a batch.

        Args:
            images: `(b 3 h w)`: floats as both networks take them, or uint8 if the networks' specs were given.
            labels: `(b)`, int64.
            indices: each image's index in the training split, `(b)`; needed by terms that remember each.
            targets: what `teach` gave for these images and views, if it is at hand (a cache); else the teacher is
                asked.
            views: the further views, `(b 3 h w)` each, if they are made already.
            draw: seeds what terms draw at random; counted by itself if None.
        """
        if draw is None:
            draw = self.seed * 1_000_003 + self.step
            if self.views or self.needs_indices:  # else nothing is drawn, and a count would recompile the graph
                self.step += 1
        if self.views and views is None:
            views = {view: see_otherwise(images, view, draw) for view in self.views}
        if targets is None and self._teacher:
            targets = self.teach(images, labels, views)
        seen = self.see(images, labels, indices, targets or {}, views or {}, draw)
        # Losses in full precision: half of it would lose the tail of a softmax, and the contrasts of a memory bank.
        with torch.autocast(images.device.type, enabled=False):
            terms: dict[str, Tensor] = self.bound.losses(seen)
        loss = torch.stack([value.reshape(()) for value in terms.values()]).sum()
        return Distilled(loss, terms, seen.student)

    def see(
        self,
        images: Tensor,
        labels: Tensor,
        indices: Tensor | None,
        targets: Mapping[str, Tensor],
        views: Mapping[str, Tensor],
        draw: int,
    ) -> Seen:
        """The student's pass over the images and their views, as its terms see it."""
        every = torch.cat([images, *views.values()]) if views else images
        logits, maps = self.student(_prepared(every, self.network, self._formats[0]))
        logits, maps = _full(logits), {layer: _full(value) for layer, value in maps.items()}
        number = len(images)
        others = {
            view: self._slice(view, k + 1, number, labels, logits, maps, targets, indices, draw)
            for k, view in enumerate(views)
        }
        return self._slice("", 0, number, labels, logits, maps, targets, indices, draw, others)

    def _slice(
        self,
        view: str,
        place: int,
        number: int,
        labels: Tensor,
        logits: Tensor,
        maps: Mapping[str, Tensor],
        targets: Mapping[str, Tensor],
        indices: Tensor | None,
        draw: int,
        views: Mapping[str, Seen] | None = None,
    ) -> Seen:
        rows = slice(place * number, (place + 1) * number)
        prefix = f"{view}/" if view else ""
        own = {
            key.removeprefix(prefix): value
            for key, value in targets.items()
            if (key.startswith(prefix) if view else "/" not in key)
        }
        return Seen(
            labels=labels,
            student=logits[rows],
            teacher=own.pop("logits", None),
            maps={layer: value[rows] for layer, value in maps.items()},
            roots=maps if not view else {},
            target=own,
            indices=indices,
            views=views or {},
            epoch=self.epoch,
            draw=draw,
        )

    def teach(self, images: Tensor, labels: Tensor, views: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """What is kept of the teacher for these images, one row an image; that of a view as `VIEW/NAME`.

        Raises:
            SpecError: there is no teacher.
        """
        teacher = self._asked()
        kept: dict[str, Tensor] = {}
        for view, pictures in {"": images, **(views or {})}.items():
            prepared = _prepared(pictures, self.teacher_network, self._formats[1])
            with torch.set_grad_enabled(self.bound.teacher_gradients):
                if self.bound.teacher_gradients:
                    prepared = prepared.detach().requires_grad_()  # the caller's images stay as they are
                logits, maps = teacher(prepared)
                taught = Taught(labels, _full(logits), {layer: _full(value) for layer, value in maps.items()})
                with torch.autocast(images.device.type, enabled=False):
                    targets = self.bound.targets(taught)
            prefix = f"{view}/" if view else ""
            kept |= {f"{prefix}{name}": value.detach() for name, value in targets.items()}
        return kept

    @torch.no_grad()
    def ask(self, images: Tensor, labels: Tensor) -> Taught:
        """The teacher's own logits and layers, for what is trained on its side.

        Raises:
            SpecError: there is no teacher.
        """
        logits, maps = self._asked()(_prepared(images, self.teacher_network, self._formats[1]))
        return Taught(labels, _full(logits), {layer: _full(value) for layer, value in maps.items()})

    def compile_networks(self) -> None:
        """Compile the passes of both networks, hooks and all; the objective stays as it is."""
        self.student.compile()
        for teacher in self._teacher:
            if not self.bound.teacher_gradients:
                teacher.compile()

    def _asked(self) -> Reading:
        if not self._teacher:
            raise SpecError("there is no teacher to ask; give the distiller one")
        return self._teacher[0]

    def export(self) -> nn.Module:
        """The bare student, without hooks; the distiller is of no use after that."""
        for teacher in self._teacher:
            teacher.release()  # else each student of one teacher would leave its hooks, and what they hold
        return self.student.release()

    def train(self, mode: bool = True) -> Self:
        """Training or evaluation mode of the student and of the parts; the teacher stays in eval mode."""
        super().train(mode)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for teacher in self._teacher:
            teacher._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self


def _full(tensor: Tensor) -> Tensor:
    """The tensor in float32, if it has half of it or less."""
    return tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor


def _prepared(images: Tensor, network: Network | None, layout: torch.memory_format) -> Tensor:
    """Images as the network takes them."""
    if images.is_floating_point():
        return images
    if network is None:
        raise DataError(
            "uint8 pictures need the networks' specs (network=, teacher_network=); or give normalised images"
        )
    return network.normalize(images).contiguous(memory_format=layout)
