"""The lookup page as people meet it: in Chromium, with a mouse, a keyboard or a small screen."""

import base64
import re
from itertools import pairwise
from pathlib import Path

import pytest

PICTURE = Path(__file__).parent.parent / "pictures/astronaut.jpg"
COPY = (
    "I asked for a tale of the sea. An old sailor with a golden ring sold ropes to the merchants, "
    "but he kept the longest one for himself and told everybody that it had once held an anchor "
    "below the northern cliffs. When spring returned, his daughter opened a shop of charts beneath "
    "the church stairs. That is all I got."
)
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]

CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const one = (part) => (part /= 255) <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    return 0.2126 * one(red) + 0.7152 * one(green) + 0.0722 * one(blue);
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const back = parts(getComputedStyle(element).backgroundColor);
      if (back.length === 3 || back[3] === 1) return back;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const [high, low] = [light(parts(getComputedStyle(element).color)), light(behind(element))]
      .sort((one, other) => other - one);
    found.push([element.className || element.localName, (high + 0.05) / (low + 0.05)]);
  }
  return found;
}"""


def look_up(page, text="", picture=None):
    if text:
        page.get_by_label("A text, or code").fill(text)
    if picture:
        page.get_by_label("A picture").set_input_files(picture)
    with page.expect_navigation():
        page.get_by_role("button", name="Look it up").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_text_is_pasted_and_its_source_is_shown(visit, scripts):
    page = visit(scripts=scripts)

    look_up(page, COPY)

    assert page.title() == "2 works found in this text – Have I been copied?"
    work = page.get_by_role("article").filter(has_text="The Harbour Master")
    assert work.get_by_text("by Ada Merrin").is_visible()
    assert work.get_by_text("opted out").is_visible()
    assert work.locator("mark.changed").all_inner_texts() == ["golden"]
    assert re.search(r"Words \d+ to \d+ of 8\d", work.inner_text())
    assert work.get_by_role("link", name="rights@example.org").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_picture_is_chosen_and_the_region_is_drawn_on_it(visit, scripts):
    page = visit(scripts=scripts)

    look_up(page, picture=PICTURE)

    drawing = page.get_by_role("img", name="Your picture; the copied part: all of it")
    drawn, box = drawing.bounding_box(), drawing.locator("rect.box").bounding_box()
    assert drawn["width"] > 200
    assert box["width"] == pytest.approx(drawn["width"], rel=0.06)
    assert box["x"] == pytest.approx(drawn["x"], abs=6)


def test_the_keyboard_is_enough(visit):
    page = visit()
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.localName"))
        if order[-1] == "text":
            page.keyboard.insert_text(COPY)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert order == ["a", "a", "text", "picture", "collection", "button"]
    assert page.get_by_role("heading", name="2 works found in this text").is_visible()


def test_a_picture_may_be_dropped_anywhere(visit):
    page = visit()
    file = page.evaluate_handle(
        """(packed) => {
          const bytes = Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
          const carried = new DataTransfer();
          carried.items.add(new File([bytes], "drop.jpg", {type: "image/jpeg"}));
          return carried;
        }""",
        base64.b64encode(PICTURE.read_bytes()).decode(),
    )
    page.dispatch_event("h1", "dragenter", {"dataTransfer": file})
    welcoming = page.evaluate("document.body.classList.contains('dropping')")
    page.dispatch_event("h1", "drop", {"dataTransfer": file})

    assert welcoming
    assert not page.evaluate("document.body.classList.contains('dropping')")
    look_up(page)
    assert page.get_by_role("heading", name="1 work found in this picture").is_visible()


def test_what_is_hostile_is_only_text(visit):
    page = visit()

    look_up(page, f"<script>alert(3)</script></textarea><img src=x onerror=alert(4)> {COPY}")

    assert page.locator("h3", has_text="<img src=https://example.org/x").is_visible()
    assert page.locator("article img, article script, textarea ~ img").count() == 0


def test_a_file_that_is_too_large_is_told_of(visit, tmp_path):
    large = tmp_path / "large.png"
    large.write_bytes(PICTURE.read_bytes() + bytes(40 << 20))
    page = visit()

    look_up(page, picture=large)

    assert page.get_by_role("alert").get_by_text("A picture may have 20 MB").is_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("sent", [{}, {"text": COPY}, {"picture": PICTURE}, {"text": "nothing"}])
def test_it_fits_and_can_be_read(visit, width, scheme, sent):
    page = visit(width, scheme)
    if sent:
        look_up(page, **sent)

    beside = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert beside <= 0
    faint = [(name, round(ratio, 2)) for name, ratio in page.evaluate(CONTRASTS) if ratio < 4.5]
    assert faint == []


@pytest.mark.parametrize("sent", [{}, {"text": COPY}, {"picture": PICTURE}])
def test_headings_are_in_order_and_everything_has_a_name(visit, sent):
    page = visit()
    if sent:
        look_up(page, **sent)

    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.localName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    nameless = page.evaluate(
        """[...document.querySelectorAll("svg:not([aria-hidden]), input, textarea, select")]
          .filter((one) => !one.getAttribute("aria-label") && !(one.labels && one.labels.length))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []


def test_buttons_and_fields_are_large_enough_for_a_thumb(visit):
    page = visit(360)

    for control in page.locator("button, textarea, select, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 34
