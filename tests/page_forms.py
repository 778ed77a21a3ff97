"""What a browser would send of a form on a page, read from its HTML: hidden fields, ticks and choices too."""

from html.parser import HTMLParser


def form_with(html: str, name: str) -> dict[str, list[str]]:
    """The fields of the page's form that has a field of this name."""
    page = _Forms()
    page.feed(html)
    [form] = [form for form in page.forms if name in form.names]
    return form.sent


class _Form:
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.sent: dict[str, list[str]] = {}

    def send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._select = ""
        self._first_option: str | None = None
        self._chosen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form())
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and of.get("name"):
            form.names.add(of["name"])
            can_be_off = of.get("type") in ("checkbox", "radio")
            if of.get("type") != "submit" and (not can_be_off or "checked" in of):
                form.send(of["name"], of.get("value", "on" if can_be_off else ""))
        elif tag == "select":
            form.names.add(of["name"])
            self._select, self._first_option, self._chosen = of["name"], None, None
        elif tag == "option" and self._select:
            value = of.get("value", "")
            self._first_option = value if self._first_option is None else self._first_option
            self._chosen = value if "selected" in of else self._chosen

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = self._chosen if self._chosen is not None else self._first_option
            if chosen is not None:
                self.forms[-1].send(self._select, chosen)
            self._select = ""
