"""`kdissect list`: what there is to choose from."""

from collections.abc import Callable

from rich.console import Console
from rich.table import Table


def list_all() -> None:
    """List presets, studies, terms, controls, measures, attributions, datasets, probes and networks."""
    from kdissect.attribution import ATTRIBUTIONS
    from kdissect.data import DATASETS, PROBES
    from kdissect.distill import CONTROLS, PRESETS, TERMS
    from kdissect.measures import MEASURES
    from kdissect.study import COLLECTIONS, SIZES, STUDIES

    console = Console(soft_wrap=True, highlight=False)
    families: dict[str, tuple[Callable[..., object], ...]] = {
        "study": (*STUDIES, *COLLECTIONS),
        "term": TERMS,
        "control": CONTROLS,
        "measure": MEASURES,
        "attribution": ATTRIBUTIONS,
        "dataset": DATASETS,
        "probe": PROBES,
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind")
    table.add_column("name")
    table.add_column("what it is")
    for kind, members in families.items():
        for member in members:
            table.add_row(kind, member.__name__, (member.__doc__ or "").strip().split("\n")[0])
        if kind == "study":
            for size, what in SIZES.items():
                table.add_row("size", f"STUDY@{size}", what)
    table.add_row("network", "small/resnet8", "ResNet for small images; also 14, 20, ... (depth 6n + 2)")
    table.add_row("network", "small/vgg8", "the same without shortcuts; also 14, 20, ...")
    table.add_row("network", "torchvision/NAME", "any classification network of torchvision")
    table.add_row("network", "timm/NAME", "any network of timm")
    table.add_row("network", "FILE.py:FACTORY", "your own function that takes num_classes and returns a module")
    for preset in PRESETS:
        for method in preset():
            table.add_row("preset", f"{preset.__name__}:{method.name}", method.objective.formula)
    console.print(table)
