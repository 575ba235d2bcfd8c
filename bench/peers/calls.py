"""Makes calls with the official Python SDK: `calls.py ADDRESS COUNT [CLUSTER]`.

Prints the processor time of one call in nanoseconds, the least of five blocks of COUNT calls; with a COUNT of 0, makes
one call and prints its answer. Keys come from the environment, if any are set.
"""

import os
import sys
import time

from alibabacloud_cs20151215.client import Client
from alibabacloud_tea_openapi.utils_models import Config

CLUSTER = "c106f377e16f34eb1808d6b9362c9test"


def client(address: str) -> Client:
    return Client(
        Config(
            access_key_id=os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExampleabcd"),
            access_key_secret=os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "placeholder"),
            endpoint=address,
            protocol="HTTP",
            region_id="cn-hangzhou",
        )
    )


def main() -> None:
    address, count = sys.argv[1], int(sys.argv[2])
    cluster = sys.argv[3] if len(sys.argv) > 3 else CLUSTER
    calls = client(address)
    answer = calls.get_upgrade_status(cluster).body
    if count == 0:
        print(answer)
        return
    assert answer.upgrade_step
    blocks = []
    for _ in range(5):
        start = time.process_time_ns()
        for _ in range(count):
            calls.get_upgrade_status(cluster)
        blocks.append((time.process_time_ns() - start) / count)
    print(min(blocks))


if __name__ == "__main__":
    main()
