"""Buttons at the end of a row of «Требуют продления»: those that the viewer may press, texts escaped."""

from types import SimpleNamespace

from renewals.lists.columns import row_buttons


def row(*, may_renew: bool, may_set: bool):
    account = SimpleNamespace(number=1187702, name='ООО "<b>&"')
    return SimpleNamespace(pk=5, account=account, may_renew=may_renew, may_set=may_set)


def test_only_what_the_viewer_may():
    html = row_buttons(row(may_renew=False, may_set=False), "/accounts/1187702/")
    assert html.count("<a ") == 1 and 'href="/accounts/1187702/"' in html
    html = row_buttons(row(may_renew=True, may_set=True), "/accounts/1187702/")
    assert 'hx-get="/accounts/1187702/renew/"' in html and 'href="/accounts/1187702/outcome/?term=5"' in html


def test_names_are_escaped():
    html = row_buttons(row(may_renew=True, may_set=True), '/a/"')
    assert html.count("ООО &quot;&lt;b&gt;&amp;&quot;") == 2 and "<b>" not in html and 'href="/a/&quot;"' in html
