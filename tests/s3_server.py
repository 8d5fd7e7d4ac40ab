"""A server on this machine that speaks S3's protocol."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BUCKET = "results"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Start the server and make a bucket; the environment variables that lead to it."""
    code = (
        "from moto.server import ThreadedMotoServer; import boto3, time, sys\n"
        "server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False); server.start()\n"
        "host, port = server.get_host_and_port(); url = f'http://{host}:{port}'\n"
        f"boto3.client('s3', endpoint_url=url, region_name='us-east-1').create_bucket(Bucket={BUCKET!r})\n"
        "print(url, flush=True); sys.stdin.read()\n"
    )
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **credentials},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield {**credentials, "AWS_ENDPOINT_URL": process.stdout.readline().strip()}
    finally:
        process.kill()
        process.communicate()
