"""`kdissect train`: one student, with any objective, any teacher, on any data."""

from pathlib import Path

from rich.console import Console


def train(
    *,
    data: str,
    network: str,
    out: Path,
    objective: str | None = None,
    preset: str | None = None,
    width: int | None = None,
    stem: str | None = None,
    weights: str | None = None,
    teacher: tuple[str, ...] = (),
    teacher_width: tuple[int, ...] = (),
    teacher_weights: tuple[str, ...] = (),
    teacher_objective: str | None = None,
    teacher_accuracy: float | None = None,
    generations: int = 1,
    image_size: int | None = None,
    recipe: Path | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    precision: str | None = None,
    compile: str | None = None,  # noqa: A002 (PyTorch's word)
    seed: int = 0,
    cache: Path | None = None,
    device: str = "auto",
    devices: int = 1,
    keep_every: int | None = None,
    show: bool = False,
) -> None:
    """Train one student, and first what its teachers need; resumes where it stopped; writes weights and a report.

    The results lie in the folder as those of a study do; `student.safetensors` there are the weights after the
    last epoch, `best.safetensors` those with the highest accuracy on the val split.

    Args:
        data: `brodenette`, `cells`, `blockmnist`, a folder of images (train and val, with a folder for each class),
            FILE.py:DATASET, or a YAML or JSON file that describes a data set.
        network: the student: `small/resnet8`, a name of torchvision or timm, or FILE.py:FACTORY.
        out: folder of results. One that holds another run is refused.
        objective: what the student minimises, as text: "CE + KD(T=4)", "CE + 1000*AT", "SSKD", ... `kdissect list` has
            all terms.
        preset: PRESET:METHOD in place of an objective and a recipe, for example `paper_fair:AT+KD` (`kdissect list`).
        width: channels of the student's first stage; small ResNets only.
        stem: `full`, `half` or `quarter`; small ResNets only, for teachers, too.
        weights: what the student starts from; None for weights drawn from the seed.
        teacher: network of a teacher, or `self` for one of the student's own kind; several are an ensemble.
        teacher_width: of each teacher that is a small ResNet.
        teacher_weights: of each teacher: a file, `torchvision:DEFAULT`, `timm:default`, ... Without them teachers are
            trained first, with the same recipe.
        teacher_objective: what those are trained with; CE by default, or for example "LS(s=0.1)".
        teacher_accuracy: that teachers with weights are said to have, 0 to 1; checked before training.
        generations: with `--teacher self`: 1 is self-distillation, more are born-again generations.
        image_size: side of the images in pixels; for a folder, Brodenette and Cells.
        recipe: YAML file with fields of a recipe (optimizer, schedule, augment, ...).
        epochs: in place of the recipe's.
        batch_size: of all devices together, in place of the recipe's.
        learning_rate: in place of the recipe's.
        precision: `fp32`, `bf16` or `auto`.
        compile: `off`, `on` or `auto`.
        seed: of the student; teachers have the same.
        cache: folder for what the teacher says, shared by runs: a student with the same teacher, seed, data and
            augmentation then needs no teacher.
        device: `cpu`, `cuda`, `cuda:1`, ... or `auto`.
        devices: processes that train together on this machine, one a GPU (or on the CPU).
        keep_every: keep the weights of every so many epochs, too.
        show: print the resolved study as JSON and stop.
    """
    import shutil

    from kdissect.cli.device import choose_device, launch_together
    from kdissect.cli.student import student_study
    from kdissect.errors import RecordError, SpecError
    from kdissect.records import Store
    from kdissect.report import write
    from kdissect.study import WEIGHTS, NoWatch, Runner, TerminalWatch, plan
    from kdissect.training import BEST, Processes

    study = student_study(
        data=data, network=network, objective=objective, preset=preset, width=width, stem=stem, weights=weights,
        teachers=teacher, teacher_widths=teacher_width, teacher_weights=teacher_weights,
        teacher_objective=teacher_objective, teacher_accuracy=teacher_accuracy, generations=generations,
        image_size=image_size, recipe=recipe, seed=seed,
        changes={
            "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "precision": precision,
            "compile": compile,
        },
    )  # fmt: skip
    if show:
        print(study.model_dump_json(indent=1))  # noqa: T201 (the output is the point)
        return
    if devices < 1:
        raise SpecError(f"--devices must be 1 or more, got {devices}")
    refuse_another(out, study.model_dump(mode="json"), RecordError)
    if devices > 1 and launch_together(devices):
        return
    processes = Processes()
    where = choose_device(device)
    if processes.first:
        Store.create(out)
    processes.wait()
    store = Store(out)
    console = Console(soft_wrap=True, highlight=False, quiet=not processes.first)
    shared = f", {processes.number} processes" if processes.number > 1 else ""
    console.print(f"{study.title} on {where}{shared}; results in {out}", markup=False)
    for arm in study.arms:
        taught = f", taught by {' + '.join(arm.teachers)}" if arm.teachers else ""
        console.print(f"  {arm.name:14} {arm.network.architecture}: {arm.formula}{taught}", markup=False)
    if processes.first:
        with TerminalWatch(console) as watch:
            Runner(study, store, where, watch, keep_every=keep_every, cache=cache).run()
    else:
        Runner(study, store, where, NoWatch(), keep_every=keep_every, cache=cache).run()
        return
    (student,) = [cell for cell in plan(study) if cell.arm.name == "student" and cell.measure is None]
    folder = store.folder(student.digest)
    for name in (WEIGHTS, BEST):
        shutil.copyfile(folder / name, out / name)
    record = store.find(student.digest)
    assert record is not None
    accuracy, best = record.score("val_accuracy").value, record.facts["best_val_accuracy"]
    console.print(f"val accuracy {accuracy:.1%} after the last epoch", markup=False)
    console.print(f"  {out / WEIGHTS}: the last epoch, {accuracy:.1%}", markup=False)
    console.print(
        f"  {out / BEST}: epoch {record.facts['best_epoch']}, {best:.1%}, chosen on the val split", markup=False
    )
    console.print(f"report: {write(out)}", markup=False)


def refuse_another(out: Path, spec: dict[str, object], error: type[Exception]) -> None:
    """Refuse a folder that holds another run.

    Raises:
        RecordError: it does.
    """
    import json

    path = out / "study.json"
    begun = any(out.glob("cells/*/record.json")) or any(out.glob("running/*/*.safetensors"))
    if not path.is_file() or not begun:
        return
    found = json.loads(path.read_text()).get("spec", {})
    different = sorted(name for name in {*spec, *found} if spec.get(name) != found.get(name) and name != "title")
    if different:
        raise error(
            f"{out} holds another run: its {', '.join(different)} differ; choose another --out, or give the same "
            "settings to go on with that run"
        )
