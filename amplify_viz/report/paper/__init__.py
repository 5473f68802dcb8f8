"""The paper's figures and tables from the runs that exist, each beside what the paper shows.

    material = Material.of(Path("runs"), Path("assets/results"))
    write(paper(material), material, Path("assets/paper"))

What no run allows is named as missing, with the command that would make its runs.
"""

from amplify_viz.report.paper.command import PaperCommand
from amplify_viz.report.paper.entries import Entry, paper
from amplify_viz.report.paper.material import Material
from amplify_viz.report.paper.writing import write

__all__ = ["Entry", "Material", "PaperCommand", "paper", "write"]
