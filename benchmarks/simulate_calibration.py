"""Makes assets/statistics: how often each kind of test rejects, in data that are made up, as a table and as a figure.

    python -m benchmarks.simulate_calibration [trials] [folder]

The same call writes the same bytes with the same versions of NumPy and matplotlib.  4,000 trials take a quarter of a minute.
"""

import sys
from pathlib import Path

import pandas as pd

from amplify_viz.figures import calibration, to_bytes
from amplify_viz.statistics import power_rates, rejection_rates

N_TRIALS = 4000
FOLDER = Path("assets/statistics")


def main() -> None:
    """Simulates, writes calibration.csv and calibration.svg, and prints the table."""
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else N_TRIALS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    rates, power = rejection_rates(n_trials=n_trials), power_rates(n_trials=n_trials, seed=1)
    table = pd.concat([rates, power], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    table.round(5).to_csv(folder / "calibration.csv", index=False)
    (folder / "calibration.svg").write_bytes(to_bytes(calibration(rates, power, width=6.9), "svg"))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
