import pytest

from headwater.sources.domain_forms import Form, Layout, layout_of


@pytest.mark.parametrize(
    ("lines", "layout"),
    [
        (["shop.example"], Layout(form=Form.NAMES)),
        (["# a feed", "", "shop.example"], Layout(form=Form.NAMES)),
        ([], Layout(form=Form.NAMES)),
        (["domain", "a.example"], Layout(form=Form.COLUMNS, header=True, columns={"name": 0})),
        (
            ["num,Domain Name,create_date,domain_registrar_name"],
            Layout(
                form=Form.COLUMNS,
                header=True,
                columns={"name": 1, "registered": 2, "registrar": 3},
            ),
        ),
        (
            ["domain\tfirst_commit\tlast_commit\tn_commits"],
            Layout(
                form=Form.COLUMNS,
                delimiter="\t",
                header=True,
                columns={"name": 0, "first-seen": 1},
            ),
        ),
        (
            ["1;shop.example;2026-01-01"],
            Layout(form=Form.COLUMNS, delimiter=";", columns={"name": 1, "dated": 2}),
        ),
        (["2026-01-01,a.example"], Layout(form=Form.COLUMNS, columns={"name": 1, "dated": 0})),
        (["shop.example.\t3600\tin\tns\tns1.example.net."], Layout(form=Form.ZONE)),
        (["; zone", "$ORIGIN example.", "a NS ns1"], Layout(form=Form.ZONE, origin="example")),
    ],
)
def test_forms_are_told_apart(lines: list[str], layout: Layout) -> None:
    assert layout_of(lines) == layout
