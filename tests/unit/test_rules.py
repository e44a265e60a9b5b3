"""What a dry run does not see in rules."""

import re
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "rules"


@pytest.mark.parametrize("file", sorted(RULES.glob("*.smk")), ids=lambda file: file.name)
def test_environments_and_captions_that_rules_name_are_there(file):
    for name in re.findall(r'"(\.\./(?:envs|scripts|report)/[\w./-]+)"', file.read_text()):
        assert (RULES / name).is_file(), name
