"""Milliseconds of a kernel's life as a front end sees them, one JSON object: a start, the first cell and completion, the median of later ones.

usage: kernel_times.py
"""
import json
import statistics
import time

from jupyter_client.manager import KernelManager

PATIENCE = 60  # seconds
LATER = 20


def milliseconds(action):
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def main():
    manager = KernelManager(kernel_name="legion")
    client = None

    def start():
        nonlocal client
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.kernel_info(reply=True, timeout=PATIENCE)

    def cell(code):
        reply = client.execute_interactive(code, allow_stdin=False, output_hook=lambda message: None, timeout=PATIENCE)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"cell '{code}' failed: {reply['evalue']}")

    def complete(code):
        matches = client.complete(code, len(code), reply=True, timeout=PATIENCE)["content"]["matches"]
        if not matches:
            raise RuntimeError(f"found nothing to complete '{code}'")

    try:
        times = {"ready": milliseconds(start)}
        # Until what is published arrives too, which the client finds out by waiting.
        client.wait_for_ready(timeout=PATIENCE)
        times["firstCell"] = milliseconds(lambda: cell("var values = Enumerable.Range(0, 10).Select(n => n * n).ToList(); values.Sum()"))
        times["firstCompletion"] = milliseconds(lambda: complete("values."))
        times["laterCell"] = statistics.median(milliseconds(lambda: cell(f"var v{i} = values.Where(v => v > {i}).ToList(); v{i}.Count")) for i in range(LATER))
        times["laterCompletion"] = statistics.median(milliseconds(lambda: complete(f"v{i}.")) for i in range(LATER))
        print(json.dumps(times))
    finally:
        if client:
            client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
