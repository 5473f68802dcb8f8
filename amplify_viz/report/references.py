"""What a report's methods rest on, as BibTeX entries; only what was used is named.

Public names: `references`, `bibtex`.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from amplify_viz.comparison import Comparison

ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "yang2023amplify": """@article{yang2023amplify,
  author  = {Yang, Leixin and Xiang, Yu},
  title   = {{AMPLIFY}: Attention-based Mixup for Performance Improvement and Label Smoothing in Transformer},
  journal = {arXiv preprint arXiv:2309.12689},
  year    = {2023}
}""",
        "guo2019augmenting": """@article{guo2019augmenting,
  author  = {Guo, Hongyu and Mao, Yongyi and Zhang, Richong},
  title   = {Augmenting Data with Mixup for Sentence Classification: An Empirical Study},
  journal = {arXiv preprint arXiv:1905.08941},
  year    = {2019}
}""",
        "chen2020mixtext": """@article{chen2020mixtext,
  author  = {Chen, Jiaao and Yang, Zichao and Yang, Diyi},
  title   = {{MixText}: Linguistically-Informed Interpolation of Hidden Space for Semi-Supervised Text Classification},
  journal = {arXiv preprint arXiv:2004.12239},
  year    = {2020}
}""",
        "wolf2020transformers": """@inproceedings{wolf2020transformers,
  author    = {Wolf, Thomas and others},
  title     = {Transformers: State-of-the-Art Natural Language Processing},
  booktitle = {Proceedings of EMNLP 2020: System Demonstrations},
  pages     = {38--45},
  year      = {2020}
}""",
        "clark2019what": """@inproceedings{clark2019what,
  author    = {Clark, Kevin and Khandelwal, Urvashi and Levy, Omer and Manning, Christopher D.},
  title     = {What Does {BERT} Look at? {A}n Analysis of {BERT}'s Attention},
  booktitle = {Proceedings of the 2019 ACL Workshop BlackboxNLP},
  pages     = {276--286},
  year      = {2019}
}""",
        "holm1979": """@article{holm1979,
  author  = {Holm, Sture},
  title   = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume  = {6},
  number  = {2},
  pages   = {65--70},
  year    = {1979}
}""",
        "benjamini1995": """@article{benjamini1995,
  author  = {Benjamini, Yoav and Hochberg, Yosef},
  title   = {Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing},
  journal = {Journal of the Royal Statistical Society: Series B},
  volume  = {57},
  number  = {1},
  pages   = {289--300},
  year    = {1995}
}""",
        "wilcoxon1945": """@article{wilcoxon1945,
  author  = {Wilcoxon, Frank},
  title   = {Individual Comparisons by Ranking Methods},
  journal = {Biometrics Bulletin},
  volume  = {1},
  number  = {6},
  pages   = {80--83},
  year    = {1945}
}""",
        "lin1991": """@article{lin1991,
  author  = {Lin, Jianhua},
  title   = {Divergence Measures Based on the {Shannon} Entropy},
  journal = {IEEE Transactions on Information Theory},
  volume  = {37},
  number  = {1},
  pages   = {145--151},
  year    = {1991}
}""",
        "kornblith2019": """@inproceedings{kornblith2019,
  author    = {Kornblith, Simon and Norouzi, Mohammad and Lee, Honglak and Hinton, Geoffrey},
  title     = {Similarity of Neural Network Representations Revisited},
  booktitle = {Proceedings of ICML 2019},
  pages     = {3519--3529},
  year      = {2019}
}""",
    }
)


_METHODS: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("amplify", "lam1"): "yang2023amplify",
        ("embedmix", "sentencemix"): "guo2019augmenting",
        ("tmix",): "chen2020mixtext",
    }
)
"""The source of each method, by how its name begins."""


def references(found: Comparison, *, methods: Sequence[str]) -> tuple[str, ...]:
    """The keys of what a comparison used.  methods: those that its runs were trained with."""
    return tuple(dict.fromkeys(_used(found, methods)))


def bibtex(keys: Sequence[str]) -> str:
    """The entries as a .bib file."""
    return "\n\n".join(ENTRIES[key] for key in keys) + "\n"


def _used(found: Comparison, methods: Sequence[str]) -> Iterator[str]:
    for starts, key in _METHODS.items():
        if any(method.startswith(starts) for method in methods):
            yield key
    yield "wolf2020transformers"
    measures = {*found.tests.get("measure", ()), *found.distances.get("measure", ())}
    if measures & {"entropy", "distance", "share_special"}:
        yield "clark2019what"
    if any("jensen_shannon" in measure for measure in measures):
        yield "lin1991"
    if any("linear_cka" in measure for measure in measures):
        yield "kornblith2019"
    if len(found.tests):
        if not found.of_groups and found.choices.test == "wilcoxon":
            yield "wilcoxon1945"
        yield from {"holm": ["holm1979"], "bh": ["benjamini1995"], "none": []}[found.choices.correction]
