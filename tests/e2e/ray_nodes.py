"""A Ray cluster of two nodes with one core each, on this machine, as a program of its own.

It prints its address, then does what it reads: `kill` kills the second node. It ends when its input does.
"""

import logging
import sys

from ray.cluster_utils import Cluster

SMALL = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80_000_000}


def main() -> None:
    logging.disable(logging.WARNING)
    cluster = Cluster(initialize_head=True, head_node_args=SMALL)
    second = cluster.add_node(**SMALL)
    print("address", cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
            print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
