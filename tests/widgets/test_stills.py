"""A still picture is painted for an export alone: nobody sees it beside a living widget."""

from unrolled.widgets import predict

VIEW = "application/vnd.jupyter.widget-view+json"


def test_it_is_painted_only_where_an_export_asks(monkeypatch):
    asked = predict("Which?", {"one": "no", "two": "yes"}, answer="two")
    data, metadata = asked._repr_mimebundle_()
    assert data.keys() == {VIEW, "image/png", "text/html", "text/plain"}
    assert metadata["image/png"]["alt"] == asked.still()[1]
    monkeypatch.delenv("UNROLLED_STILLS")
    monkeypatch.setattr(type(asked), "still", None)  # to call it would fail
    assert asked._repr_mimebundle_() == ({VIEW: data[VIEW], "text/plain": repr(asked)}, {})
