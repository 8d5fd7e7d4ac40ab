"""The program of processes that train one network together.

`python -m kdissect.study.one_training PARENT FOLDER DIGEST` starts torchrun, which starts it again once a process.
"""

import ctypes
import os
import pickle
import signal
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from kdissect.records import Store
from kdissect.study.job import Job
from kdissect.study.together import ERROR, JOB
from kdissect.study.watch import NoReporter
from kdissect.study.work import Worker
from kdissect.study.workshop import Workshop, portable
from kdissect.training import Processes

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main() -> None:
    """Start torchrun, or be one of its processes."""
    parent, folder, digest = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if dist.is_torchelastic_launched():
        _end_with(parent)
        _train(folder, digest)
        return
    from torch.distributed.run import main as torchrun

    _end_with(parent)
    job = Job.unpack((folder / JOB).read_bytes())
    own = [str(os.getpid()), *sys.argv[2:]]
    torchrun(["--standalone", f"--nproc-per-node={job.processes}", "-m", "kdissect.study.one_training", *own])


def _end_with(parent: int) -> None:
    """See that this process is killed when its parent is; torchrun would go on, and claims know only the parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        os._exit(1)


def _train(folder: Path, digest: str) -> None:
    """Train the cell's network with the other processes; the first writes the record."""
    try:
        job = Job.unpack((folder / JOB).read_bytes())
        processes = Processes()
        device = torch.device(job.device)
        if device.type == "cuda":
            device = torch.device(f"cuda:{os.environ['LOCAL_RANK']}")
        cache = Path(job.cache) if job.cache is not None else None
        worker = Worker(Store.open(job.store), device, job.keep_every, cache, processes.first)
        worker.do(Workshop(job).cells[digest], NoReporter())
    except Exception as error:
        rank = os.environ["RANK"]
        temporary = folder / f".{ERROR}-{rank}"
        temporary.write_bytes(pickle.dumps(portable(error)))
        temporary.rename(folder / f"{ERROR}-{rank}")
        os._exit(1)  # no goodbye: the others are in the middle of something else


if __name__ == "__main__":
    main()
