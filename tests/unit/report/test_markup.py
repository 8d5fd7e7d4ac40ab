import doctest

import pytest

import kdissect.report.markup
import kdissect.report.wording
import kdissect.stats
from kdissect.report.markup import Markup, join, tag


@pytest.mark.parametrize("module", [kdissect.report.markup, kdissect.report.wording, kdissect.stats])
def test_the_examples_in_docstrings_hold(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_text_is_escaped_and_markup_is_not():
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert join("<", Markup("<br>")) == "&lt;<br>"


def test_attributes_are_escaped():
    assert tag("a", title='"><script>') == '<a title="&quot;&gt;&lt;script&gt;"></a>'


def test_attributes_without_a_value():
    assert tag("details", open=True, hidden=False, id=None) == "<details open></details>"
