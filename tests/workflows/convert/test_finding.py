from comfy_gen.workflows.convert import Finding, Kind


def test_finding_says_where_what_and_what_is_near():
    finding = Finding(Kind.MISSING_CLASS, "it is not there", "57:8", "Sve", nearest=("Save", "Load"))
    assert str(finding) == "node 57:8 (Sve): it is not there; nearest: Save, Load"


def test_finding_of_the_whole_has_no_place():
    assert str(Finding(Kind.NOTHING_TO_RUN, "nothing is left")) == "nothing is left"
