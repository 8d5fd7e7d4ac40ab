"""The feature maps of layers, read off a network that is left as it was found."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import torch
from torch import Tensor, nn

from kdissect.errors import LayerError, SpecError
from kdissect.models.layer_name import LayerName, bare, find_layer
from kdissect.models.layout import find_prefix, only_tensor, to_maps

ALL = "all"


def find_layers(network: nn.Module, patterns: Sequence[str], images: Tensor) -> tuple[str, ...]:
    """The layers that names, globs and `all` stand for, each once.

    In a glob `*` is any part of a name without a dot, `**` any part. A glob takes the layers that
    give feature maps. `all` takes all of these, but of layers with the same output only the shortest name; runs
    of a layer that runs several times are told apart by `@1`, `@2`, ...

    Args:
        network: any.
        patterns: names, globs or `all`.
        images: a batch `(b 3 h w)`, to see what comes out; needed for globs and `all` only.

    Raises:
        LayerError: there is no such layer, or nothing fits a glob.
        SpecError: no pattern is given, or one cannot be read.
    """
    if not patterns:
        raise SpecError("expected at least one layer, got none")
    found: dict[str, None] = {}
    outputs: dict[str, tuple[int, int]] | None = None
    for pattern in patterns:
        if pattern != ALL and "*" not in pattern:
            find_layer(network, pattern)
            found[pattern] = None
            continue
        outputs = outputs if outputs is not None else _outputs(network, images)
        if pattern == ALL:
            chosen = _distinct(outputs)
        else:
            glob, at, options = pattern.partition("@")
            LayerName.parse(pattern)
            parts = (re.escape(part).replace(r"\*", "[^.]*") for part in glob.split("**"))
            expression = re.compile(".*".join(parts))
            fitting = [name for name in outputs if expression.fullmatch(name.partition("@")[0])]
            if (call := LayerName.parse(pattern).call) is not None:  # of layers that run several times that run
                fitting = [name for name in fitting if name.partition("@")[2] in (str(call), "" if call == 1 else None)]
                fitting = [name.partition("@")[0] for name in fitting]
            chosen = [f"{name}{at}{options}" for name in fitting]
        if not chosen:
            raise LayerError(f"no layer of {type(bare(network)).__name__} with feature maps fits {pattern!r}")
        found |= dict.fromkeys(chosen)
    return tuple(found)


@contextmanager
def reading(network: nn.Module, layers: Sequence[str]) -> Iterator[Callable[[Tensor], dict[str, Tensor]]]:
    """A function from images `(b 3 h w)` to each layer's activations `(b u h w)`, valid inside the block.

    Inside the block the network is in evaluation mode and no gradient is recorded; compiled parts run uncompiled,
    because a hook set after compilation does not fire. Afterwards, also after an error, every module has the
    mode it had and the hooks are gone; weights and buffers are never written.

    Raises:
        LayerError: there is no such layer; or, on a call, a layer gives no feature map, or does not run.
    """
    network = bare(network)
    names = {layer: LayerName.parse(layer) for layer in layers}
    modules = {name.module: find_layer(network, layer) for layer, name in names.items()}
    runs: dict[str, list[object]] = {}
    ends = _Ends()

    def keep(module: str) -> Callable[[nn.Module, object, object], None]:
        wanted = {name.side for name in names.values() if name.module == module}

        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            single = only_tensor(output)
            if single is None:
                runs[module].append(dict.fromkeys(wanted, output))
                return
            before = ends.before(single) if "pre" in wanted else None
            # a later in-place ReLU would change what is kept
            copy = single.clone() if wanted - {"pre"} else None
            runs[module].append({side: before if side == "pre" else copy for side in wanted})

        return hook

    def activations(images: Tensor) -> dict[str, Tensor]:
        runs.update({module: [] for module in modules})
        network(images)
        ends.forget()
        found = {layer: _chosen(layer, name, runs[name.module]) for layer, name in names.items()}
        runs.clear()
        prefix = find_prefix(network)
        return {
            layer: torch.relu(maps) if names[layer].side == "post" else maps
            for layer, maps in ((layer, to_maps(output, images, prefix, layer)) for layer, output in found.items())
        }

    modes = [(part, part.training) for part in network.modules()]
    with ExitStack() as stack:
        try:
            if any(name.side == "pre" for name in names.values()):
                watched = [modules[name.module] for name in names.values() if name.side == "pre"]
                ends.watch(stack, watched)
            for module, part in modules.items():
                stack.callback(part.register_forward_hook(keep(module)).remove)
            network.eval()
            stack.enter_context(torch.compiler.set_stance("force_eager"))
            stack.enter_context(torch.inference_mode())
            yield activations
        finally:
            for part, mode in modes:
                part.training = mode


class _Ends:
    """What went into the activation function that ran last."""

    def __init__(self) -> None:
        self._input: Tensor | None = None
        self._output: Tensor | None = None

    def watch(self, stack: ExitStack, modules: Sequence[nn.Module]) -> None:
        """Look at the activation functions of modules until the stack unwinds."""
        parts = dict.fromkeys(part for module in modules for part in module.modules() if is_activation(part))
        for part in parts:
            stack.callback(part.register_forward_pre_hook(self._enter).remove)
            stack.callback(part.register_forward_hook(self._leave).remove)

    def before(self, output: Tensor) -> Tensor | None:
        """What became `output` by an activation function; None if it is of another origin."""
        return self._input if self._output is output else None

    def forget(self) -> None:
        self._input = self._output = None

    def _enter(self, _module: nn.Module, inputs: tuple[object, ...]) -> None:
        # a copy: the function may work in place
        self._input = inputs[0].clone() if inputs and isinstance(inputs[0], Tensor) else None

    def _leave(self, _module: nn.Module, _inputs: object, output: object) -> None:
        self._output = output if isinstance(output, Tensor) else None


def is_activation(module: nn.Module) -> bool:
    """Whether a module is an elementwise activation function such as ReLU or GELU."""
    kind = type(module)
    own = kind.__module__ in ("torch.nn.modules.activation", "timm.layers.activations", "timm.layers.activations_me")
    return own and not isinstance(module, nn.MultiheadAttention | nn.Softmax | nn.LogSoftmax | nn.Softmin)


def _chosen(layer: str, name: LayerName, runs: list[object]) -> object:
    """The output of the run that is meant."""
    if name.call is None and len(runs) != 1:
        came = f"{len(runs)} times" if runs else "never"
        which = f"; say which run, {name.module}@1 to {name.module}@{len(runs)}" if runs else "; choose another layer"
        raise LayerError(f"layer {layer!r} runs {came} in a forward pass, expected once{which}")
    if name.call is not None and name.call > len(runs):
        raise LayerError(f"layer {layer!r}: {name.module} runs {len(runs)} times in a forward pass")
    run = runs[(name.call or 1) - 1]
    output = run[name.side] if isinstance(run, dict) else run
    if output is None:
        raise LayerError(
            f"layer {layer!r} does not end in an activation module, so there is nothing before it; "
            f"leave out @pre, or name the layer that feeds the activation"
        )
    return output


def _outputs(network: nn.Module, images: Tensor) -> dict[str, tuple[int, int]]:
    """The layers that give feature maps, in the network's order; equal values stand for the same output."""
    network = bare(network)
    every: dict[str, list[tuple[Tensor, int]]] = {}
    modes = [(part, part.training) for part in network.modules()]

    def keep(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            single = only_tensor(output)
            if single is not None:  # what is worked on in place is the same tensor in another version
                every.setdefault(name, []).append((single, single._version))

        return hook

    with ExitStack() as stack:
        try:
            for name, part in network.named_modules():
                if name:
                    stack.callback(part.register_forward_hook(keep(name)).remove)
            network.eval()
            stack.enter_context(torch.compiler.set_stance("force_eager"))
            stack.enter_context(torch.no_grad())  # inference mode counts no versions
            network(images)
        finally:
            for part, mode in modes:
                part.training = mode
    found: dict[str, tuple[int, int]] = {}
    prefix = find_prefix(network)
    for name, _ in network.named_modules():
        runs = every.get(name, [])
        for number, (output, version) in enumerate(runs, start=1):
            label = name if len(runs) == 1 else f"{name}@{number}"
            with suppress(LayerError):
                to_maps(output, images, prefix, label)
                found[label] = (id(output), version)
    return found


def _distinct(outputs: dict[str, tuple[int, int]]) -> list[str]:
    """Of layers with the same output the one with the shortest name."""
    chosen: dict[tuple[int, int], str] = {}
    for name, output in outputs.items():
        other = chosen.get(output)
        if other is None or (name.count("."), len(name)) < (other.count("."), len(other)):
            chosen[output] = name
    wanted = set(chosen.values())
    return [name for name in outputs if name in wanted]
