"""Speed and size, measured as ratios beside a peer or a limit in one run: `python -m benchmarks.bench_…`."""
