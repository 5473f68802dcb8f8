"""The command `paper`."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import FILES
from amplify_viz.report.paper.entries import paper
from amplify_viz.report.paper.material import Material
from amplify_viz.report.paper.writing import check, write
from amplify_viz.runs import check_folder

RUNS, RESULTS = Path("runs"), Path("assets/results")


@dataclass(frozen=True)
class PaperCommand:
    """Make the paper's figures and tables from the runs that exist, each beside what the paper shows."""

    runs: Path = field(default=RUNS, metadata=FILES)  # the folder that holds runs with their weights
    results: Path = field(default=RESULTS, metadata=FILES)  # the folder that holds results, with or without weights
    out: Path = field(default=Path("assets/paper"), metadata=FILES)  # the folder that is made anew

    def __call__(self) -> None:
        """Makes and writes them, says what is missing, and prints the page's path."""
        for option, folder, usual in (("runs", self.runs, RUNS), ("results", self.results, RESULTS)):
            if not folder.is_dir() and folder != usual:
                raise InputError(f"--{option} needs a folder that exists, there is none at {folder}: check the path.")
        check_folder(self.out)
        check(self.out)
        material = Material.of(self.runs, self.results)
        for reason in material.broken:
            sys.stderr.write(f"left out: {reason}\n")
        entries = []
        for entry in paper(material):
            sys.stderr.write(f"{entry.name}: {entry.missing or 'made'}\n")
            entries.append(entry)
        sys.stdout.write(f"{write(entries, material, self.out)}\n")
