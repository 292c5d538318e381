"""The lineage of an idea as a graph: what it shows, to whom, and how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Guest, User
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.ideas.models import Idea, Way
from app.lineage.commands import accept_merge, propose_merge
from app.lineage.drawing import WIDTH, drawing_of
from app.lineage.queries import graph_of
from tests.factories import make_idea, make_moderator, make_person, make_private_group
from tests.ideas.test_lineage import hide, lineage_in

ClientFor = Callable[[User], FlaskClient]


def on(*sources: Idea) -> list[Way]:
    return [Way(source.id, "builds-on") for source in sources]


def drawn_in(page: str) -> str:
    found = re.search(r'<svg class="lineage-graph".*?</svg>', page, re.DOTALL)
    return found[0] if found else ""


def titles(graph_page: str) -> list[str]:
    found = re.findall(r'<text class="lineage-title"[^>]*>(.*?)</text>', graph_page)
    return [re.sub("<[^>]*>", "", title) for title in found]


def a_chain(length: int) -> list[Idea]:
    chain = [make_idea(title="Box number 0 of the chain")]
    for number in range(1, length):
        chain.append(make_idea(title=f"Box number {number} of the chain", ways=on(chain[-1])))
    return chain


def test_two_steps_up_and_down_are_drawn_the_older_above(client: FlaskClient) -> None:
    chain = a_chain(7)
    for path in (post_address(chain[3]), f"/ideas/{chain[3].id}/lineage"):
        graph = drawn_in(client.get(path).text)
        assert titles(graph) == [f"Box number {number} of the chain" for number in range(1, 6)]
        assert graph.count('<path class="lineage-arc" data-kind="builds-on"') == 4
        assert re.search(rf'<a href="{post_address(chain[3])}" aria-current="true"', graph)
        assert graph.count("aria-current") == 1
        assert "“Box number 4 of the chain” builds on: “Box number 3 of the chain”." in graph


def test_every_kind_is_named_and_every_source_credited(client: FlaskClient) -> None:
    first, second, third = (make_idea(by=make_person(display_name=f"Author {n}")) for n in range(3))
    ways = [*on(first), Way(second.id, "differs", "Ours is emptied daily.")]
    idea = make_idea(ways=ways, fork_of=third.id)
    page = client.get(f"/ideas/{idea.id}/lineage").text
    assert {*re.findall(r'lineage-arc" data-kind="([a-z-]+)"', page)} == {"builds-on", "differs", "forked-from"}
    for words in (
        "Author 0",
        "Author 1",
        "Author 2",
        "Builds on:",
        "Differs from:",
        "Forked from:",
        "Ours is emptied daily.",
    ):
        assert words in page


def test_an_idea_of_its_own_has_no_graph(client: FlaskClient) -> None:
    idea = make_idea()
    assert drawn_in(client.get(post_address(idea)).text) == ""
    page = client.get(f"/ideas/{idea.id}/lineage").text
    assert drawn_in(page) == ""
    assert "It stands for itself" in page


def test_what_one_may_not_see_leaves_no_trace_and_nothing_is_found_beyond_it(
    client: FlaskClient, client_for: ClientFor
) -> None:
    member = make_person(display_name="Secret Member")
    group = make_private_group(member)
    root = make_idea(title="The root of all boxes")
    secret = make_idea(by=member, group=group, title="What our class keeps to itself", ways=on(root))
    public = make_idea(title="What was made of it in public", by=member, ways=on(secret))
    later = make_idea(title="A box that came last", ways=on(public))
    for reader in (client, client_for(make_person())):
        for idea, seen in ((root, []), (public, ["What was made of it in public", "A box that came last"])):
            for path in (post_address(idea), f"/ideas/{idea.id}/lineage"):
                page = reader.get(path).text
                assert "What our class" not in page
                assert titles(drawn_in(page)) == seen
        assert reader.get(f"/ideas/{secret.id}/lineage").status_code == 404
    everything = titles(drawn_in(client_for(member).get(f"/ideas/{public.id}/lineage").text))
    assert everything == [each.title for each in (root, secret, public, later)]
    assert "Secret Member" not in client.get(f"/ideas/{root.id}/lineage").text


def test_hidden_and_deleted_ideas_leave_the_graph(client: FlaskClient, client_for: ClientFor) -> None:
    hidden, gone = make_idea(title="Burn the boxes at night"), make_idea(title="Boxes nobody wanted")
    idea = make_idea(ways=on(hidden, gone))
    hide(hidden)
    delete_post(gone, by=gone.author)
    page = client.get(f"/ideas/{idea.id}/lineage").text
    assert "Burn the boxes" not in page
    assert "Boxes nobody wanted" not in page
    assert "Burn the boxes" in client_for(make_moderator()).get(f"/ideas/{idea.id}/lineage").text


def test_credit_goes_on_through_a_merge(client: FlaskClient, client_for: ClientFor) -> None:
    source = make_idea(title="Boxes at the gate", by=make_person(display_name="Ama Owusu"))
    into = make_idea(title="Boxes at every gate", by=make_person(display_name="Bo Lindqvist"))
    later = make_idea(title="Boxes on wheels", ways=on(source))
    merge = propose_merge(source, into=into, by=source.author, line="Between the two authors")
    accept_merge(merge, by=into.author)
    for idea in (later, into):
        for path in (post_address(idea), f"/ideas/{idea.id}/lineage"):
            page = client.get(path).text
            graph = drawn_in(page)
            assert titles(graph) == ["Boxes at every gate", "Boxes at the gate", "Boxes on wheels"]
            assert {*re.findall(r'lineage-arc" data-kind="([a-z-]+)"', graph)} == {"builds-on", "merged-into"}
            assert "“Boxes at the gate” merged into: “Boxes at every gate”." in graph
            assert "Between the two authors" not in page
    assert "merged into another idea" in lineage_in(client.get(post_address(later)).text)
    make_idea(title="Boxes at both gates", ways=on(later, into))
    both = make_idea(title="Boxes without a gate", ways=on(into), fork_of=later.id)
    lineage = lineage_in(client.get(post_address(into)).text)
    assert lineage.count("Boxes on wheels") == 1
    assert lineage.count(both.title) == 1
    credits = client.get(f"/ideas/{into.id}/contributors").text
    assert "Ama Owusu" in credits
    assert "“<bdi>Boxes at the gate</bdi>”" in credits
    hide(source)
    for path in (post_address(later), *(f"/ideas/{each.id}/lineage" for each in (later, into))):
        assert "Boxes at the gate" not in client.get(path).text
    assert "Ama Owusu" not in client.get(f"/ideas/{into.id}/contributors").text


def test_an_idea_is_not_named_after_the_one_that_took_it_in_is_gone(client: FlaskClient) -> None:
    source, into = make_idea(title="Boxes at the gate"), make_idea()
    later = make_idea(ways=on(source))
    accept_merge(propose_merge(source, into=into, by=source.author, line="The same"), by=into.author)
    delete_post(into, by=into.author)
    for path in (post_address(later), f"/ideas/{later.id}/lineage"):
        assert "Boxes at the gate" not in client.get(path).text


def test_ideas_that_go_on_from_each_other_are_drawn_downwards(client: FlaskClient) -> None:
    source = make_idea()
    into = make_idea(ways=on(source))
    accept_merge(propose_merge(source, into=into, by=source.author, line="The same"), by=into.author)
    graph = drawing_of(graph_of(Guest(), into, most=40), is_right_to_left=False)
    assert len(graph.arcs) == 2
    for arc in graph.arcs:
        assert min(int(number) for number in re.findall(r"-?\d+", arc.path)) >= 0


def test_a_merge_names_a_private_idea_to_its_group_alone(client: FlaskClient, client_for: ClientFor) -> None:
    member, author = make_person(), make_person()
    group = make_private_group(member, author)
    source = make_idea(title="What our class keeps", by=member, group=group)
    later = make_idea(by=member, ways=on(source))
    into = make_idea(by=author, group=group)
    accept_merge(propose_merge(source, into=into, by=member, line="The same"), by=author)
    for path in (post_address(later), f"/ideas/{later.id}/lineage"):
        assert "What our class keeps" not in client.get(path).text
        assert "What our class keeps" in client_for(member).get(path).text


def test_a_large_lineage_is_cut_to_the_nearest(client: FlaskClient) -> None:
    base = make_idea(title="The very first of all boxes")
    middle = make_idea(title="The box in the middle of it", ways=on(base))
    for number in range(20):
        make_idea(title=f"A later box, number {number}", ways=on(middle))
    beside = titles(drawn_in(client.get(post_address(middle)).text))
    assert len(beside) == 12
    assert beside[:2] == ["The very first of all boxes", "The box in the middle of it"]
    assert "The whole lineage" in client.get(post_address(middle)).text
    assert len(titles(drawn_in(client.get(f"/ideas/{middle.id}/lineage").text))) == 22


def test_a_long_title_takes_two_lines_and_is_whole_beside_them(client: FlaskClient) -> None:
    long = "Boxes for old phones at every school gate"
    longer = long + " of the whole district, and a cart that empties them each Friday"
    idea = make_idea(ways=on(make_idea(title=long), make_idea(title=longer), make_idea(title="手" * 90)))
    graph = drawn_in(client.get(f"/ideas/{idea.id}/lineage").text)
    shown = titles(graph)
    assert shown[0] == long
    assert longer.startswith(shown[1].rstrip("…"))
    assert shown[1].endswith("…")
    assert 20 < len(shown[2]) < 40
    assert f"<title>{longer}</title>" in graph
    assert f"<title>{long}</title>" not in graph
    ys = [int(y) for y in re.findall(r'<text class="lineage-(?:title|said)"[^>]* y="(\d+)"', graph)]
    assert ys == sorted(ys)


def test_a_long_name_is_cut_where_its_line_ends_and_says_so(client: FlaskClient) -> None:
    author = make_person(display_name="Nana Akosua Frimpong-Boateng of the harbour")
    idea = make_idea(by=author, ways=on(make_idea(by=author)))
    graph = drawn_in(client.get(f"/ideas/{idea.id}/lineage").text)
    alone, after_kind = re.findall(r"<tspan>(Nana[^<]*)</tspan>", graph)
    assert alone.endswith("…")
    assert after_kind.endswith("…")
    assert len(alone) - len(f"builds on · {after_kind}") in (0, 1)
    assert author.display_name.startswith(after_kind[:-1])


def test_titles_are_text(client: FlaskClient) -> None:
    base = make_idea(title="<script>alert(1)</script> & a box")
    page = client.get(post_address(make_idea(ways=on(base)))).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; a box" in drawn_in(page)


def test_the_graph_is_mirrored_where_one_reads_from_the_right(client: FlaskClient) -> None:
    idea = a_chain(2)[1]
    left, right = (drawn_in(client.get(f"/ideas/{idea.id}/lineage?lang={code}").text) for code in ("en", "ar"))
    x, mirrored = (int(re.search(r'<circle cx="(\d+)"', each)[1]) for each in (left, right))  # type: ignore[index]
    assert x + mirrored == WIDTH


def test_arcs_stay_within_the_drawing(app: Flask) -> None:
    ideas = [make_idea() for _ in range(4)]
    last = make_idea(ways=on(*ideas))
    drawing = drawing_of(graph_of(Guest(), last, most=40), is_right_to_left=False)
    numbers = [int(number) for arc in drawing.arcs for number in re.findall(r"\d+", arc.path)]
    assert min(numbers) >= 0
    assert max(dot.y for dot in drawing.dots) < drawing.height
    assert len({arc.path for arc in drawing.arcs}) == 4


def test_the_graph_costs_few_queries(client: FlaskClient, count_queries: list[str]) -> None:
    chain = a_chain(5)
    for _ in range(10):
        make_idea(ways=on(chain[2]))
    count_queries.clear()
    client.get(f"/ideas/{chain[2].id}/lineage")
    assert len(count_queries) <= 10, count_queries
