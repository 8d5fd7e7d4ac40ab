"""`kdissect run`: a study, from nothing to its report."""

import contextlib
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from kdissect.records import Store


def run(
    study: str,
    *,
    out: str,
    seeds: int | None = None,
    epochs: int | None = None,
    only: tuple[str, ...] = (),
    data: str | None = None,
    probe: str | None = None,
    train_teacher: bool = False,
    device: str = "auto",
    on: str = "auto",
    devices: int = 1,
    cpus_per_cell: float | None = None,
    gpus_per_cell: float | None = None,
    memory_per_cell: float | None = None,
    keep_every: int | None = None,
    cache: bool = False,
    track: tuple[str, ...] = (),
    show: bool = False,
    dry_run: bool = False,
) -> None:
    """Run a study: train what is missing, measure it, write the report.

    Results are kept under the digest of all that made them, so a second call does only what is missing,
    and a stopped run goes on from its last epoch.

    Args:
        study: a name (`kdissect list` shows them), with `@tiny` or `@full` for another size; FILE.py:FUNCTION; or a
            YAML or JSON file. `paper` runs the whole catalogue.
        seeds: number of training seeds (0, 1, ...) instead of the study's.
        epochs: epochs of the students instead of the study's.
        only: some of it: `arm=KD,LS`, `measure=Detectors`, `seed=0`; may be given several times. What these need comes
            along: teachers and the reference.
        data: folder of ImageNet, for the size `full`.
        probe: folder of Broden, packed or not, for the size `full`.
        out: folder of results, or a URL such as s3://BUCKET/STORE; made if missing. A folder that holds something else
            is refused.
        train_teacher: train the teacher anew instead of using the weights that come with kdissect.
        device: `cpu`, `cuda`, `cuda:1`, ... or `auto`.
        on: `local` (one cell at a time), `processes:N` (N side by side), `auto` (one for each core on the CPU);
            `ray` (the Ray cluster of this machine, or a new one), `ray:HOST:PORT`, `ray://HOST:PORT` (Ray client);
            `slurm:partition=NAME,time=MINUTES,jobs=N,...` (one job a cell). No score depends on it.
        devices: processes that train each network together, each on a GPU of its own (on the CPU: a core).
        cpus_per_cell: CPU cores of each process of a cell, for Ray and Slurm; 1 if not said.
        gpus_per_cell: GPUs of each process of a cell, for Ray and Slurm: 0.5 lets two share one; 1 on cuda if not said.
        memory_per_cell: GB of memory that a cell needs, for Ray and Slurm.
        keep_every: keep the weights of every so many epochs, in the folder `checkpoints` of each training record made
            now, for `kdissect dissect --checkpoints`.
        cache: keep what teachers say in the store, so that further students with the same seed need no teacher. No
            score depends on it.
        track: tell a tracker of each arm and seed that is done: `tensorboard`, `wandb`, `mlflow`, ...; may be given
            several times. TensorBoard's and MLflow's files lie in the folder `track` of the results.
        show: print the resolved study as JSON and stop.
        dry_run: print what would be done, what is there already, and an estimate of hours and disk, and stop. Nothing
            is written; a few steps of each kind of training are made to time them.
    """
    from kdissect.cli.device import choose_device, device_elsewhere
    from kdissect.cli.reproduction import show_reproduction
    from kdissect.errors import KdissectError
    from kdissect.records import Store, cannot_write
    from kdissect.study import (
        Needs,
        Runner,
        TerminalWatch,
        Tracked,
        change_study,
        check_trackers,
        find_places,
        find_studies,
        is_far,
        only_some,
    )
    from kdissect.study.reproduction import write_reproduction

    changed = [
        change_study(one, seeds=seeds, epochs=epochs, train_teacher=train_teacher)
        for one in find_studies(study, data, probe)
    ]
    chosen = only_some(changed, only)
    if show:
        for one in chosen:
            print(one.model_dump_json(indent=1))  # noqa: T201 (the output is the point)
        return
    trackers = check_trackers(track)
    console = Console(soft_wrap=True, highlight=False)
    where = device_elsewhere(device) if is_far(on) else choose_device(device)
    places = find_places(on, where, devices, Needs(cpus_per_cell, gpus_per_cell, memory_per_cell))
    if dry_run:
        from kdissect.cli.dry_run import dry_run as show_costs

        show_costs(chosen, out, where, places, on, keep_every)
        return
    store = Store.create(out)
    for one in chosen:
        console.print(f"{one.title} on {where}; results in {out}", markup=False)
        for arm in one.arms:
            console.print(f"  {arm.name:10} {arm.network.architecture}: {arm.formula}", markup=False)
    try:
        with TerminalWatch(console) as shown:
            watch = Tracked(shown, store, trackers, shown.say) if trackers else shown
            runner = Runner(
                chosen, store, where, watch, places, keep_every, store.path / "teacher-outputs" if cache else None
            )
            try:
                runner.run()
            finally:
                if shown.cells:
                    console.print(shown.sum_up(), markup=False)
    except Exception as error:
        # What is done has its page all the same, unless nothing can be written any more.
        if not cannot_write(error) and (store.path / "study.json").is_file():
            with contextlib.suppress(KdissectError, OSError):
                write_reproduction(store)
                _page(store, console)
        raise
    if write_reproduction(store):
        show_reproduction(store.path, console, [one.name for one in chosen])
    _page(store, console)


def _page(store: "Store", console: Console) -> None:
    from kdissect.records import is_url
    from kdissect.report import write

    console.print(f"report: {write(store.path)}", markup=False)
    store.publish()
    if is_url(store.where):
        console.print(f"and at {store.where}/report.html", markup=False)
