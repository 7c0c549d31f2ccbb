"""Web pages: what a reader counts as a paragraph, and what a page may say about itself."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ReadError
from corpus.readers.html import (
    LARGEST_PAGE,
    html_paragraphs,
    is_wall,
    plain_line,
    read_page,
    read_posts,
)
from tests.conftest import examples
from tests.evaluation.pages import FLOOR, FOLDER, extraction_scores

URL = "https://www.example.org/world/2019/04/talks"
FIRST = (
    "The delegations met in the town of Ghadamis on Thursday and spoke for two hours about the "
    "withdrawal of forces from the south of the capital and its airport."
)
SECOND = (
    "Ahmed Mismari, a spokesman, told reporters that the talks had been “useful and frank”, and "
    "that they would be continued on Friday with the help of the United Nations."
)
THIRD = (
    "Diplomats who followed the talks said that a truce was within reach, but that the question "
    "of who would hold the airport had been left for a later day."
)


BODY = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"


def page(
    body: str = BODY,
    head: str = "",
    title: str = "Talks begin in Ghadamis",
) -> bytes:
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
    <title>{title}</title>{head}</head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
    <div class="cookie-banner"><p>We use cookies to improve your experience on this site.</p></div>
    <article><h1>{title}</h1>{body}</article>
    <aside><h2>Most read</h2><ul><li><a href="/x">Another story about another thing</a></li></ul>
    </aside><footer><p>© 2019 Example News. All rights reserved.</p></footer>
    </body></html>""".encode()


class TestParagraphs:
    def test_those_of_the_article_and_nothing_else(self) -> None:
        article = read_page(page(), URL)
        assert article.title == "Talks begin in Ghadamis"
        assert article.paragraphs == (FIRST, SECOND, THIRD)

    def test_lines_that_surround_text_are_not_counted(self) -> None:
        extras = ["Read more: Another story", "Advertisement", "Share this article on Facebook"]
        body = "".join(
            f"<p>{one}</p>" for one in (FIRST, *extras, SECOND, "Related: a thing", THIRD)
        )
        assert read_page(page(body), URL).paragraphs == (FIRST, SECOND, THIRD)

    @pytest.mark.parametrize(
        "sentence",
        [
            "Also on Thursday, ministers of both sides met the envoy for more talks in Paris.",
            "Topics discussed included Syria, Libya and the supply of grain to the region.",
            "Join us in calling for a ceasefire, the ministers wrote to the Security Council.",
            "Like this year's summit, the next one will be held in the town of Nice.",
            "(c) The Parties shall refrain from the threat or use of force against each other.",
            "Related talks are continuing in Geneva under the auspices of the envoy.",
            "Subscribe to the view, he said, and you subscribe to endless war in the region.",
        ],
    )
    def test_sentences_that_look_like_such_lines_are(self, sentence: str) -> None:
        body = f"<p>{FIRST}</p><p>{sentence}</p><p>{SECOND}</p><p>{THIRD}</p>"
        assert read_page(page(body), URL).paragraphs[1] == sentence

    def test_list_items_count_each(self) -> None:
        items = ["A truce for thirty days", "An exchange of prisoners", "A new round of talks"]
        listed = "".join(f"<li>{item}</li>" for item in items)
        body = f"<p>{FIRST}</p><ul>{listed}</ul><p>{SECOND}</p><p>{THIRD}</p>"
        assert read_page(page(body), URL).paragraphs == (FIRST, *items, SECOND, THIRD)

    def test_headings_inside_the_text_count(self) -> None:
        body = f"<p>{FIRST}</p><h2>What was agreed?</h2><p>{SECOND}</p><p>{THIRD}</p>"
        assert "What was agreed?" in read_page(page(body), URL).paragraphs

    def test_text_parted_by_empty_lines_counts_as_several(self) -> None:
        body = f"<p>{FIRST}<br><br>{SECOND}<br/><br/>{THIRD}</p>"
        assert read_page(page(body), URL).paragraphs == (FIRST, SECOND, THIRD)

    @pytest.mark.parametrize(
        "mark", ['<sup><a href="#n1">1</a></sup>', '<a href="#n1"><sup>1</sup></a>']
    )
    def test_marks_that_lead_to_a_note_are_no_part_of_a_word(self, mark: str) -> None:
        body = f"<p>{FIRST[:-1]}{mark}.</p><p>{FIRST[:-1]} of 40 km<sup>2</sup>.</p>"
        first, second = read_page(page(body=body), URL).paragraphs
        assert first == FIRST
        assert "km" in second
        assert "2" in second

    def test_links_and_marks_do_not_break_a_paragraph(self) -> None:
        marked = FIRST.replace("Ghadamis", '<a href="/g"><b>Ghad\xadamis</b></a>')
        body = f"<p>{marked}</p>\n<p>{SECOND}</p><p>{THIRD}</p>"
        assert read_page(page(body), URL).paragraphs[0] == FIRST


class TestWhereTheTextStands:
    @pytest.mark.parametrize(
        "body",
        [
            f"<aside class='text'><p>{FIRST}</p><p>{SECOND}</p></aside>",
            f"<form method='post'><p>{FIRST}</p><p>{SECOND}</p></form>",
            f"<div>{FIRST}</div><div>{SECOND}</div>",
            f"<table><tr><td>{FIRST}</td></tr><tr><td>{SECOND}</td></tr></table>",
            f"<table><tr><td></td></tr><tr><td><br>{FIRST}<br><br>{SECOND}</td></tr></table>",
            f"<ul><li>{FIRST}</li><li>{SECOND}</li></ul>",
            f"<div class='comment-piece'><p>{FIRST}</p><p>{SECOND}</p></div>",
            f"<main><pre>{FIRST}\n\n{SECOND[:78]}\n{SECOND[79:]}</pre></main>",
        ],
        ids=[
            *("aside", "form", "divs", "a table for the layout", "breaks in a table", "a list"),
            *("a comment", "preformatted"),
        ],
    )
    def test_it_is_read_in_whatever_holds_it(self, body: str) -> None:
        html = f"<html><head><title>Talks</title></head><body><nav><a href='/'>Home</a></nav>{body}"
        html += "<div class='ck'><p>We use cookies to improve your visit.</p></div></body></html>"
        assert read_page(html.encode(), URL).paragraphs == (FIRST, SECOND)

    @pytest.mark.parametrize(
        "body",
        [
            f"<div>{FIRST}<p>{SECOND}</p><p>{THIRD}</p></div>",
            f"<div><p>{FIRST}</p>{SECOND} <br><p>{THIRD}</p></div>",
            f"<center><font size=2>{FIRST}<p>{SECOND}<p>{THIRD}</font></center>",
            f"<article><header><h1>Talks</h1><p>{FIRST}</p></header><p>{SECOND}</p><p>{THIRD}",
            f"<table><tr><td><a href='/'>Home</a><br><a href='/x'>News</a></td><td><h1>Talks</h1>"
            f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></td></tr></table>",
        ],
        ids=["loose at first", "loose between", "in a font", "a header", "beside a menu"],
    )
    def test_no_part_of_it_is_lost_or_told_beside_it(self, body: str) -> None:
        html = f"<html><head><title>Talks</title></head><body>{body}"
        assert read_page(html.encode(), URL).paragraphs == (FIRST, SECOND, THIRD)

    @pytest.mark.parametrize(
        "box",
        [
            "<section><h2>More from the region</h2><p>Another story of another day.</p></section>",
            "<div class='related-items'><p>Another story of another day.</p></div>",
            "<div><h3>Lea también</h3><ul><li>Otra historia de otro día</li></ul></div>",
            "<figure><img src='x'><figcaption>The airport in March.</figcaption></figure>",
            "<p class='photo-credit'>Amal Writer / Example Agency</p>",
            "<div id='consent'><p>Everything can be withdrawn at the end of this page.</p></div>",
            "<p>To read on, accept tracking or take the ad-free subscription for 3 euros.</p>",
            "<p>À lire aussi : <a href='/x'>Une autre histoire d'un autre jour</a></p>",
            "<p>Фото: Анна Петрова / Агентство</p>",
            "<p>AFP / Amal Writer</p>",
            "<p>3 min read</p>",
            "<h2>Talks begin in Ghadamis</h2>",
            "<div class='donate'><p>Become a member today and help us to go on.</p></div>",
            "<div class='player'><p>Your browser does not support the audio element.</p></div>",
            "<p>Подписывайтесь на наш канал в Telegram</p>",
            "<div hidden><p>A draft of another story, not for release.</p></div>",
            "<template><p>Another story is being loaded, please wait.</p></template>",
        ],
    )
    def test_what_stands_beside_it_is_not(self, box: str) -> None:
        body = f"<p>{FIRST}</p>{box}<p>{SECOND}</p><p>{THIRD}</p>"
        assert read_page(page(body), URL).paragraphs == (FIRST, SECOND, THIRD)


class TestTables:
    def test_a_row_is_told_with_the_heads_of_its_columns(self) -> None:
        table = """<table><tr><th>Port</th><th>2018</th><th>2019</th></tr>
        <tr><td><b>Misrata</b> (old<br>port)</td><td>1,240</td><td>980</td></tr>
        <tr><td rowspan="2">Zawiya</td><td>310</td><td>455</td></tr>
        <tr><td>20</td><td></td></tr></table>"""
        found = read_page(page(f"<p>{FIRST}</p>{table}<p>{SECOND}</p>"), URL).paragraphs
        assert found == (
            FIRST,
            "Port: Misrata (old port); 2018: 1,240; 2019: 980",
            "Port: Zawiya; 2018: 310; 2019: 455",
            "Port: Zawiya; 2018: 20",
            SECOND,
        )

    def test_heads_that_are_only_bold(self) -> None:
        table = "<table><tr><td><b>Port</b></td><td><b>Tonnes</b></td></tr>"
        table += "<tr><td>Misrata</td><td>980</td></tr><tr><td>Zawiya</td><td>4</td></tr></table>"
        found = read_page(page(f"<p>{FIRST}</p>{table}<p>{SECOND}</p>"), URL).paragraphs
        assert "Port: Zawiya; Tonnes: 4" in found

    def test_a_span_that_reaches_for_ever_is_cut(self) -> None:
        cells = "<tr><td colspan='9999'>1</td><td>2</td></tr>" * 3
        table = f"<table>{cells}</table>"
        assert read_page(page(f"<p>{FIRST}</p>{table}<p>{SECOND}</p>"), URL).paragraphs[0] == FIRST

    def test_a_table_in_a_figure_with_lists_in_its_cells(self) -> None:
        table = "<figure class='wp-block-table'><table><tr><th>Port</th><th>Ships</th></tr>"
        table += (
            "<tr><td>Zawiya</td><td><ul><li>Amal</li><li>Nour</li></ul></td></tr></table></figure>"
        )
        found = read_page(page(f"<p>{FIRST}</p>{table}<p>{SECOND}</p>"), URL).paragraphs
        assert found == (FIRST, "Port: Zawiya; Ships: Amal / Nour", SECOND)

    def test_a_table_of_roles(self) -> None:
        rows = [("columnheader", "Town", "2026"), ("cell", "Ndolo", "980"), ("cell", "Kasu", "420")]
        told = "".join(
            f"<div role=row><span role={kind}>{one}</span><span role={kind}>{two}</span></div>"
            for kind, one, two in rows
        )
        texts = read_page(page(body=f"{BODY}<div role=table>{told}</div>"), URL).paragraphs
        assert texts[-2:] == ("Town: Ndolo; 2026: 980", "Town: Kasu; 2026: 420")


class TestWalls:
    @pytest.mark.parametrize(
        "wall",
        [
            "Log in to continue reading. Already a subscriber? Enter your password.",
            "Please enable JavaScript and disable your ad blocker to see our page.",
            "Sorry, this content is not available in your region.",
            "Your browser does not support this page.",
            "Wir und unsere Partner verwenden Cookies. Bitte geben Sie Ihre Einwilligung.",
            "We and our 842 partners store cookies and process personal data.",
            "Pour lire la suite, abonnez-vous ou connectez-vous à votre compte.",
            "Inicia sesión o suscríbete para seguir leyendo con tu cuenta.",
            "Включите JavaScript в настройках браузера и отключите блокировщик рекламы.",
            "The page you asked for was not found. It may have been moved.",
            "The website is currently under maintenance. Please try again later.",
            "Unsere Website ist wegen Wartungsarbeiten geschlossen, bitte später erneut versuchen.",
            "Verifying you are human.</p><p>We check the security of your connection.",
        ],
    )
    def test_a_page_that_only_asks_its_visitor_for_something(self, wall: str) -> None:
        html = f"<html><head><title>Talks begin</title></head><body><h1>Talks begin</h1><p>{wall}"
        with pytest.raises(ReadError, match="holds no article text"):
            read_page(f"{html}</p></body></html>".encode(), URL)

    @pytest.mark.parametrize(
        "text",
        [
            "You have reached your limit of free articles.</p><p>Already a subscriber? Log in.",
            "Sorry, something went wrong. Please try again later.",
            "Our systems have seen unusual traffic. Please show us that you are human.",
            "Get our app to read this story on your phone, from the App Store.",
            "Questo contenuto è riservato agli abbonati: accedi con il tuo account.",
        ],
    )
    def test_a_page_of_which_nothing_is_about_its_title(self, text: str) -> None:
        title = "<h1>Delegations agree in Ghadamis on withdrawal</h1>"
        with pytest.raises(ReadError, match="holds no article text"):
            read_page(page(f"{title}<p>{text}</p>", title="Delegations agree on withdrawal"), URL)
        news = "The delegations told us on Thursday that they will try again later, in Ghadamis."
        assert read_page(page(f"{title}<p>{news}</p>"), URL).paragraphs[-1] == news

    @pytest.mark.parametrize(
        "sentence",
        [
            "The regulator fined the company for setting cookies without the consent of visitors.",
            "The ministry said that subscribers of both networks would be able to log in again.",
            "“You must log in and give your password,” the minister told our reporters.",
            "The site is not available in the country, officials of the ministry said.",
            "Our partners in Brussels regulate cookies, and we welcome the law, the envoy said.",
            "We will allow imports from certain countries once our partners have been heard.",
            "Our partners protect the personal data of sailors for 4 euros a month each.",
            "We and our partners will work to keep crossings open for all who flee their homes.",
            "We remain in close contact with our P5+1 partners and are prepared to continue.",
            "Мы подписали соглашение с нашими партнёрами и вернёмся к переговорам позже.",
            "Nosotros y nuestros socios buscamos en su país un consenso; suscribiremos uno.",
            "A assinatura do acordo com nossos parceiros foi adiada e será feita mais tarde.",
            "Nous entendons poursuivre les négociations avec nos partenaires, a dit le ministre.",
            "Unsere Partner in Brüssel wollen Cookies verbieten, und wir folgen ihnen im Frühjahr.",
        ],
    )
    def test_news_of_such_things_is_none(self, sentence: str) -> None:
        body = f"<p>{FIRST}</p><p>{sentence}</p><p>{SECOND}</p>"
        assert read_page(page(body), URL).paragraphs[1] == sentence

    def test_what_a_ministry_says_is_none(self) -> None:
        statements = FOLDER.parent / "briefings" / "articles.jsonl.gz"
        if not statements.exists():
            pytest.skip(f"{statements} is not beside the project")
        with gzip.open(statements, "rt", encoding="utf-8") as lines:
            said = [one for line in lines for one in json.loads(line)["paragraphs"]]
        taken = {one for one in said if is_wall(one)}
        assert len(taken) <= len(said) // 5_000, taken


class TestPieces:
    def test_markup_escaped_once_too_often(self) -> None:
        piece = "&lt;p&gt;They met.&lt;/p&gt;&lt;p&gt;They &quot;agreed&quot;.&lt;/p&gt;"
        assert html_paragraphs(piece) == ("They met.", 'They "agreed".')
        assert html_paragraphs(piece.replace("&", "&amp;")) == ("They met.", 'They "agreed".')

    def test_character_data_within_character_data(self) -> None:
        piece = "<p>They met.</p><p><![CDATA[ They agreed. ]]></p><p>They left.</p>"
        assert html_paragraphs(piece) == ("They met.", "They agreed.", "They left.")

    def test_a_comment_or_an_instruction_in_a_piece_is_no_element(self) -> None:
        piece = "<p>They met.</p><!-- an advertisement --><?php echo 1 ?><p>They agreed.</p>"
        assert html_paragraphs(piece) == ("They met.", "They agreed.")

    def test_what_only_looks_like_markup_is_text(self) -> None:
        assert html_paragraphs("Growth of 3 &lt; 5 per cent.") == ("Growth of 3 < 5 per cent.",)

    @pytest.mark.parametrize(
        ("title", "line"),
        [
            ("<![CDATA[Talks begin]]>", "Talks begin"),
            ("Talks &amp;amp;quot;begin&amp;amp;quot;", 'Talks "begin"'),
            ("Talks <b>begin</b> again", "Talks begin again"),
            ("Text of the <draft> agreement", "Text of the <draft> agreement"),
            ("Inflation <5% in May", "Inflation <5% in May"),
            ("When to write &lt;b&gt; and <i>", "When to write <b> and <i>"),
        ],
    )
    def test_a_title_in_a_line(self, title: str, line: str) -> None:
        assert plain_line(title) == line


class TestWhatAPageSays:
    def test_the_moment_of_publication_from_linked_data(self) -> None:
        data = """<script type="application/ld+json">{"@graph": [
            {"@type": "WebPage", "datePublished": "2019-04-05"},
            {"@type": ["NewsArticle"], "datePublished": "2019-04-04T14:05:00+02:00"}]}</script>"""
        article = read_page(page(head=data), URL)
        assert article.published_at == datetime(2019, 4, 4, 12, 5, tzinfo=UTC)

    def test_or_from_a_meta_element(self) -> None:
        meta = '<meta property="article:published_time" content="2019-04-04T12:05:00Z">'
        moment = datetime(2019, 4, 4, 12, 5, tzinfo=UTC)
        assert read_page(page(head=meta), URL).published_at == moment

    def test_a_day_alone_means_its_first_moment(self) -> None:
        meta = '<meta name="date" content="2019-04-04">'
        moment = datetime(2019, 4, 4, tzinfo=UTC)
        assert read_page(page(head=meta), URL).published_at == moment

    @pytest.mark.parametrize(
        ("opening", "written"),
        [
            ("type='application/ld+json; charset=utf-8'", "{}"),
            ("type='application/ld+json'", "/*<![CDATA[*/{}/*]]>*/"),
            ("type='application/ld+json'", "<!-- {} -->"),
        ],
    )
    def test_linked_data_as_software_writes_it(self, opening: str, written: str) -> None:
        data = '{"@type": "WebPage", "datePublished": "2019-04-04"}'
        head = f"<script {opening}>{written.replace('{}', data)}</script>"
        moment = read_page(page(head=head), URL).published_at
        assert moment == datetime(2019, 4, 4, tzinfo=UTC)

    def test_broken_linked_data_is_passed_over(self) -> None:
        data = '<script type="application/ld+json">{"@type": "NewsArticle",</script>'
        assert read_page(page(head=data), URL).paragraphs

    OTHERS = '{"@type": "NewsArticle", "headline": "Floods", "datePublished": "2011-01-01"}'

    @pytest.mark.parametrize(
        ("data", "rest"),
        [
            (
                '[OTHERS, {"@type": "Article", "headline": "Talks begin", "datePublished": "DAY"}]',
                "",
            ),
            (
                '{"@type": "ItemList", "itemListElement": [OTHERS]}',
                '<meta name="date" content="DAY">',
            ),
            ('{"@graph": [{"@type": "WebPage", "datePublished": "DAY"}, {"hasPart": OTHERS}]}', ""),
            ('{"@type": "VideoObject", "datePublished": "2011-01-01"}', ""),
            ("OTHERS", ""),
        ],
    )
    def test_the_date_of_another_object_is_not_the_pages(self, data: str, rest: str) -> None:
        day = "2019-04-04"
        data = data.replace("OTHERS", self.OTHERS).replace("DAY", day)
        head = f'<script type="application/ld+json">{data}</script>{rest.replace("DAY", day)}'
        html = page(body=BODY, head=head, title="Talks begin").decode()
        html = html.replace("<p>", f'<time datetime="{day}">4 April</time><p>', 1)
        moment = read_page(html.encode(), URL).published_at
        assert moment == datetime(2019, 4, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        "said",
        [
            "<footer>© 2015–2026 The Ministry, 4 April 2019</footer>",
            "<p>The treaty was signed on 4 April 2019 by both sides, and is in force.</p>",
            '<aside class="related"><time datetime="2011-01-01">1 Jan</time></aside>',
            '<div class="comments"><time datetime="2011-01-01">1 Jan</time></div>',
            '<p class="date">Updated 4 April 2019</p>',
            '<p class="date">Last updated: 4 April 2019, 10:00</p>',
            '<p class="date">1440/07/28</p>',
            '<p class="date">Valid until 4 April 2019</p>',
            '<p class="event-date">When: 4 April 2019, 10:00</p>',
            '<meta name="date" content="2019-W14">',
            '<p class="date">04/05/2019</p>',
            '<time itemprop="datePublished" datetime="1970-01-01T00:00:00Z"></time>',
        ],
    )
    def test_what_is_said_of_something_else_is_no_date(self, said: str) -> None:
        assert read_page(page(body=BODY + said), "https://example.org/a").published_at is None

    @pytest.mark.parametrize(
        ("line", "language"),
        [
            ("Published: 4 April 2019", "en"),
            ("04/04/2019", "fr"),
            ("Publié le 04/04/2019 à 00h00 par la rédaction", "fr"),
            ("Data: 4 de abril de 2019 às 00h00", "pt"),
            ("Veröffentlicht am 4. April 2019 · Stand: 05.04.2019", "de"),
            ("4 апреля 2019, 03:00 МСК", "ru"),
            ("الخميس ٤ نيسان / أبريل ٢٠١٩ - ٠٠:٠٠", "ar"),
            ("4 avril 2019 à 00:00", "fr"),
            ("Thursday, 04/04/2019 - 00:00", "en"),
            ("4 เมษายน 2562", "th"),
        ],
    )
    def test_a_date_beside_the_heading(self, line: str, language: str) -> None:
        html = page(body=f'<span class="date">{line}</span>{BODY}').decode()
        html = html.replace('lang="en"', f'lang="{language}"')
        moment = read_page(html.encode(), "https://example.org/a").published_at
        assert moment == datetime(2019, 4, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        "head",
        [
            '<h1>Talks begin in Tripoli</h1><time class="entry-date published updated">4 April 2019'
            "</time>",
            '<h1>Talks begin in Tripoli</h1><div class="date">4 April 2019<i class="update"></i>'
            "</div>",
            "<h1>Talks begin in Tripoli</h1><p>4 April 2019" + " \n" * 60 + "</p>",
            "<h2>Talks begin in Tripoli</h2><label>4 April 2019</label>",
            "<h1>Talks begin in Tripoli</h1><span>Publicado em 04 de abril de 2019</span>",
            '<h1>The Ministry</h1><p class="date">1 May 2019</p><nav>…</nav><section><h2>'
            'Talks begin in Tripoli</h2><p class="date">4 April 2019</p></section>',
        ],
    )
    def test_a_date_as_software_writes_it_beside_the_heading(self, head: str) -> None:
        html = f"<html lang='en'><title>Talks begin in Tripoli</title><body>{head}{BODY}</body>"
        moment = read_page(html.encode(), "https://example.org/a").published_at
        assert moment == datetime(2019, 4, 4, tzinfo=UTC)

    def test_the_posts_of_a_live_page_have_their_own_dates(self) -> None:
        posts = "".join(
            f'<div class="post"><time datetime="2019-04-{day:02}T10:00:00Z">10:00</time>'
            f"<h3>{name}</h3><p>{text}</p></div>"
            for day, name, text in ((4, "Talks", FIRST), (5, "Roads", SECOND))
        )
        head = '<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script>'
        html = page(body=f'<div class="live">{posts}</div>', head=head)
        talks, roads = read_posts(html, URL)
        assert (talks.paragraphs, roads.paragraphs) == ((FIRST,), (SECOND,))
        assert [one.published_at and one.published_at.day for one in (talks, roads)] == [4, 5]
        assert talks.title.endswith(": Talks")
        assert len({talks.id, roads.id}) == 2
        assert read_posts(page(), URL) == []

    def test_the_name_of_the_site_is_no_title_of_its_page(self) -> None:
        head = '<meta property="og:title" content="Example News">'
        html = page(head=head, title="Talks begin").replace(b"<title>Talks begin", b"<title>Home")
        assert read_page(html, URL).title == "Talks begin"

    def test_where_a_word_may_be_broken_it_is_whole(self) -> None:
        body = f"<p>{FIRST.replace('e', 'e&shy;').replace('o', 'o&#8203;')}</p><p>{SECOND}</p>"
        assert read_page(page(body), URL).paragraphs == (FIRST, SECOND)

    def test_source_author_and_language(self) -> None:
        head = '<meta property="og:site_name" content="Example News">'
        head += '<meta name="author" content="Amal Writer">'
        article = read_page(page(head=head, title="Talks begin | Example News"), URL)
        assert (article.source, article.author) == ("Example News", "Amal Writer")
        assert (article.language, article.title) == ("en", "Talks begin")

    def test_without_a_name_the_host_is_the_source(self) -> None:
        assert read_page(page(), URL).source in ("example.org", "Example")

    @pytest.mark.parametrize(
        ("claim", "believed"),
        [
            ("https://www.example.org/world/talks", "https://www.example.org/world/talks"),
            ("https://example.org/world/talks?utm_source=x", "https://example.org/world/talks"),
            ("https://www.reuters.com/world/talks", URL),
            ("https://www.example.org/", URL),
            ("javascript:alert(1)", URL),
            ("https://www.example.org/world/", URL),
            ("https://www.example.org/news", URL),
            ("https://www.example.org/world/index.html", URL),
        ],
    )
    def test_a_page_may_name_its_address_only_on_its_own_site(
        self, claim: str, believed: str
    ) -> None:
        head = f'<link rel="canonical" href="{claim}">'
        assert read_page(page(head=head), URL).url == believed

    def test_a_saved_page_keeps_the_address_of_its_file(self) -> None:
        head = '<link rel="canonical" href="https://www.reuters.com/world/talks">'
        assert read_page(page(head=head), "file:///tmp/a.html").url == "file:///tmp/a.html"


class TestEncoding:
    RUSSIAN = "Правительство Ливии объявило военную тревогу после наступления на столицу. " * 3

    @pytest.mark.parametrize(
        ("encoding", "content_type", "meta"),
        [
            ("utf-8", None, ""),
            ("windows-1251", "text/html; charset=windows-1251", ""),
            ("windows-1251", None, '<meta charset="windows-1251">'),
            (
                "koi8-r",
                None,
                '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
            ),
            ("utf-16", None, ""),
            ("windows-1251", None, ""),
            ("utf-8", "text/html; charset=iso-8859-1", ""),
            ("utf-8", "text/html; charset=nonsense", ""),
        ],
    )
    def test_declared_marked_or_guessed(
        self, encoding: str, content_type: str | None, meta: str
    ) -> None:
        html = f"<html><head>{meta}<title>Тревога</title></head><body><article>"
        html += f"<p>{self.RUSSIAN}</p><p>{self.RUSSIAN[::-1]}</p></article></body></html>"
        article = read_page(html.encode(encoding), URL, content_type=content_type)
        assert article.paragraphs[0] == self.RUSSIAN.strip()
        assert article.title == "Тревога"


class TestRefusals:
    @pytest.mark.parametrize("html", [b"<html></html>", b"<p></p>", b"", b"<html><nav>Home</nav>"])
    def test_a_page_without_an_article(self, html: bytes) -> None:
        with pytest.raises(ReadError, match="holds no article text"):
            read_page(html, URL)

    def test_a_page_that_is_too_large(self) -> None:
        with pytest.raises(ReadError, match="larger than 5 MB"):
            read_page(b" " * (LARGEST_PAGE + 1), URL)

    def test_a_page_that_is_nested_too_deeply(self) -> None:
        with pytest.raises(ReadError):
            read_page(b"<div>" * 100_000 + b"x", URL)

    @settings(deadline=None, max_examples=examples(60))
    @given(st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 60))
    def test_any_damage_gives_an_article_or_a_refusal(
        self, noise: bytes, place: int, gap: int
    ) -> None:
        html = page()
        try:
            article = read_page(html[:place] + noise + html[place + gap :], URL)
        except ReadError:
            return
        assert all(paragraph.strip() for paragraph in article.paragraphs)


@pytest.mark.slow
def test_the_benchmark_stays_above_its_floor() -> None:
    if not FOLDER.exists():
        pytest.skip("shared data are absent")
    assert extraction_scores()["f1"] >= FLOOR
