/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: labels with values, lines that pixels gave, tilted and sideways pages. */
#include "read.h"

static void
labels_and_values_are_read_row_by_row(void **state)
{
    static const char *const rows[][2] = {{"Name of the boat", "Silver Herring"},
                                          {"Owner of the boat", "Ingrid Dahl"},
                                          {"Home port", "Norrvik on the sea"},
                                          {"Day of arrival", "the second of June"}};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        sketch_line(page, 50, 100 + 30 * (float)i, 10, 0, rows[i][0]);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        sketch_line(page, 250, 100 + 30 * (float)i, 10, 0, rows[i][1]);
    expect_markdown(page, "Name of the boat Silver Herring\n\nOwner of the boat Ingrid Dahl\n\n"
                          "Home port Norrvik on the sea\n\nDay of arrival the second of June\n");
}

/* A label that stands beside the last line of its value comes before all of it. */
static void
labels_come_before_values_that_begin_higher(void **state)
{
    static const char *const labels[] = {"Name of the boat", "Owner of the boat", "Home port"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        sketch_line(page, 50, 100 + 30 * (float)i, 10, 0, labels[i]);
    sketch_line(page, 250, 100, 10, 0, "Silver Herring");
    sketch_line(page, 250, 118, 10, 0, "Ingrid Dahl, 4 Pier Street");
    sketch_line(page, 250, 130, 10, 0, "and her brother Olaf");
    sketch_line(page, 250, 160, 10, 0, "Norrvik on the sea");
    expect_markdown(page, "Name of the boat Silver Herring\n\n"
                          "Owner of the boat Ingrid Dahl, 4 Pier Street and her brother Olaf\n\n"
                          "Home port Norrvik on the sea\n");
}

/* Set in the middle between two labels it goes on from the one above. */
static void
values_that_go_on_stay_with_the_label_above(void **state)
{
    static const char *const labels[] = {"Name of the boat", "Owner of the boat", "Home port"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        sketch_line(page, 50, 100 + 30 * (float)i, 10, 0, labels[i]);
    sketch_line(page, 250, 100, 10, 0, "Silver Herring");
    sketch_line(page, 250, 130, 10, 0, "Ingrid Dahl, 4 Pier Street");
    sketch_line(page, 250, 142, 10, 0, "and her brother Olaf");
    sketch_line(page, 250, 160, 10, 0, "Norrvik on the sea");
    expect_markdown(page, "Name of the boat Silver Herring\n\n"
                          "Owner of the boat Ingrid Dahl, 4 Pier Street and her brother Olaf\n\n"
                          "Home port Norrvik on the sea\n");
}

static void
two_addresses_are_read_by_column(void **state)
{
    static const char *const left[] = {"Ingrid Dahl", "4 Pier Street", "Norrvik Harbour"};
    static const char *const right[] = {"Silver Herring", "12 Quay Road", "Sund by the Sea"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(left); i++)
        sketch_line(page, 50, 100 + 12 * (float)i, 10, 0, left[i]);
    for (size_t i = 0; i < ARRAY_LEN(right); i++)
        sketch_line(page, 250, 100 + 12 * (float)i, 10, 0, right[i]);
    expect_markdown(page, "Ingrid Dahl\n4 Pier Street\nNorrvik Harbour\n\n"
                          "Silver Herring\n12 Quay Road\nSund by the Sea\n");
}

static void
short_lines_keep_their_ends(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "Mr Thomas Okonkwo");
    sketch_line(page, 50, 112, 10, 0, "44 Larch Avenue");
    sketch_line(page, 50, 124, 10, 0, "t.okonkwo@example.org");
    sketch_line(page, 50, 160, 10, 0, "Everything that a sentence says goes on from line to");
    sketch_line(page, 50, 172, 10, 0, "line, however little of the page it takes, as this one");
    sketch_line(page, 50, 184, 10, 0, "Does.");
    sketch_line(page, 50, 220, 10, 0, "Preface . . . . . . . . . . . . . . . . . . . . 9");
    sketch_line(page, 50, 232, 10, 0, "Sets and functions ........................... 21");
    sketch_line(page, 50, 244, 10, 0, "Index ....................................... 307");
    expect_markdown(page, "Mr Thomas Okonkwo\n44 Larch Avenue\nt.okonkwo@example.org\n\n"
                          "Everything that a sentence says goes on from line to line, however "
                          "little of the page it takes, as this one Does.\n\n"
                          "Preface . . . . . . . . . . . . . . . . . . . . 9\n"
                          "Sets and functions ........................... 21\n"
                          "Index ....................................... 307\n");
}

static void
numbers_of_clauses_stay_with_their_text(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "1.1");
    sketch_line(page, 90, 100, 10, 0,
                "The Licensor grants the Licensee a licence to use the Software");
    sketch_line(page, 90, 112, 10, 0,
                "for its own business from the day of this Agreement until the");
    sketch_line(page, 90, 124, 10, 0, "day on which it ends.");
    sketch_line(page, 50, 142, 10, 0, "1.2");
    sketch_line(page, 90, 142, 10, 0,
                "The Licensee shall not copy the Software, except as far as that");
    sketch_line(page, 90, 154, 10, 0, "is needed for back-up.");
    expect_markdown(
        page, "1.1 The Licensor grants the Licensee a licence to use the Software for its own "
              "business from the day of this Agreement until the day on which it ends.\n\n"
              "1.2 The Licensee shall not copy the Software, except as far as that is needed "
              "for back-up.\n");
}

static void
marks_that_are_drawn_last_stand_with_their_items(void **state)
{
    struct page *page = *state;
    static const char *const texts[] = {"Heat the oven to 180 degrees.", "Halve the plums.",
                                        "Fold in the flour and the salt."};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        sketch_line(page, 70, 100 + 12 * (float)i, 10, 0, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        sketch_line(page, 58, 100 + 12 * (float)i, 10, 0, "\xe2\x80\xa2");
    expect_markdown(page, "- Heat the oven to 180 degrees.\n- Halve the plums.\n"
                          "- Fold in the flour and the salt.\n");
}

static void
short_lines_below_a_larger_one_are_no_indices(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 12, STYLE_BOLD, "SKILLS");
    sketch_line(page, 65, 114, 10, 0, "Rust, Go");
    sketch_line(page, 65, 126, 10, 0, "Kubernetes");
    sketch_line(page, 50, 160, 10, 0,
                "Text in the size that all of the rest of the page is set in.");
    expect_markdown(page, "# SKILLS\n\nRust, Go\nKubernetes\n\n"
                          "Text in the size that all of the rest of the page is set in.\n");
}

static void
add_field(struct page *page, enum field_kind kind, struct box box)
{
    struct page_field *field = page_add_field(page);

    assert_non_null(field);
    field->kind = kind;
    field->name = field->value = "x";
    field->box = box;
}

static void
values_of_fields_stand_behind_their_labels(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "Employee name:");
    sketch_line(page, 50, 130, 10, 0, "Department:");
    sketch_line(page, 50, 160, 10, 0, "Purpose:");
    sketch_line(page, 50, 220, 10, 0, "I need");
    sketch_line(page, 130, 220, 10, 0, "a train");
    sketch_line(page, 200, 220, 10, 0, "a car");
    sketch_line(page, 152, 104, 14, 0, "Jonas Lind");
    sketch_line(page, 152, 134, 14, 0, "Research");
    sketch_line(page, 152, 158, 14, 0, "Visit to Turin");
    sketch_line(page, 152, 176, 14, 0, "and trade fair");
    sketch_line(page, 110, 224, 16, 0, "\xe2\x98\x91");
    sketch_line(page, 180, 224, 16, 0, "\xe2\x98\x90");
    add_field(page, FIELD_TEXT, (struct box){150, 90, 350, 110});
    add_field(page, FIELD_CHOICE, (struct box){150, 120, 350, 140});
    add_field(page, FIELD_TEXT, (struct box){150, 145, 450, 185});
    add_field(page, FIELD_CHECK, page->words[page->word_count - 2].box);
    add_field(page, FIELD_CHECK, page->words[page->word_count - 1].box);
    expect_markdown(page, "Employee name: Jonas Lind\n\nDepartment: Research\n\n"
                          "Purpose: Visit to Turin\n\nand trade fair\n\n"
                          "I need \xe2\x98\x91 a train \xe2\x98\x90 a car\n");
}

/* A chart beside text, of which only the pixels gave the lettering. */
static void
labels_of_a_picture_are_of_no_column(void **state)
{
    struct page *page = *state;
    static const char *const labels[] = {"Revenue", "17.5", "15.0", "12.5", "North South"};

    sketch_line(page, 50, 60, 16, 0, "Revenue by region");
    sketch_line(page, 330, 100, 10, 0, "South leads for the third year,");
    sketch_line(page, 330, 112, 10, 0, "and West needs a new partner.");
    uint32_t first = page->word_count;
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        sketch_line(page, 240, 100 + 12 * (float)i, 12, 0, labels[i]);
    for (uint32_t i = first; i < page->word_count; i++)
        page->words[i].witness = WITNESS_PIXELS;
    page->from_pixels = true;
    struct page_region *region = page_add_region(page);
    assert_non_null(region);
    *region = (struct page_region){.kind = REGION_PICTURE, .box = {60, 80, 320, 170}};
    expect_markdown(page, "# Revenue by region\n\n"
                          "South leads for the third year, and West needs a new partner.\n\n"
                          "Revenue\n17.5\n15.0\n12.5\nNorth South\n");
}

static void
a_page_of_code_keeps_its_white_space(void **state)
{
    static const char *const lines[] = {"sub debug {",
                                        "    my $type=shift;",
                                        "    if ($debug && $type =~ /$debug/) {",
                                        "        print STDERR join(\" \", @_);",
                                        "    } else {",
                                        "        return [1, 2];",
                                        "    }",
                                        "}"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        size_t indent = strspn(lines[i], " ");
        sketch_line(page, 50 + 5 * (float)indent, 100 + 12 * (float)i, 10, STYLE_MONO,
                    lines[i] + indent);
    }
    expect_markdown(page, "```\nsub debug {\n    my $type=shift;\n"
                          "    if ($debug && $type =~ /$debug/) {\n"
                          "        print STDERR join(\" \", @_);\n    } else {\n"
                          "        return [1, 2];\n    }\n}\n```\n");
}

static void
from_pixels(struct page *page)
{
    page->from_layer = false;
    page->from_pixels = true;
    for (uint32_t i = 0; i < page->line_count; i++)
        page->lines[i].source = 1;
}

/* Round dots, as recognition reads them; and letters and signs that are none. */
static void
dots_of_a_scan_are_bullets(void **state)
{
    static const char *const marks[] = {"e", "+", "\xc2\xab"};
    static const char *const texts[] = {"two in Sweden", "three in Portugal", "none in Spain"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        float y = 100 + 12 * (float)i;
        uint32_t first = page->word_count;
        (void)sketch_word(page, 60, y, 10, 0, marks[i], strlen(marks[i]));
        (void)sketch_word(page, 70, y, 10, 0, texts[i], strlen(texts[i]));
        sketch_close_line(page, first);
        page->words[first].box = (struct box){60, y - 4.5f, 63, y - 1.5f};
    }
    sketch_line(page, 50, 160, 10, 0,
                "The lakes differ in their area, depth and fetch, and in little");
    sketch_line(page, 50, 172, 10, 0,
                "e is a letter here, as are those below it that begin the lines");
    sketch_line(page, 50, 184, 10, 0,
                "e and all others of this paragraph, which is no list of things.");
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].witness = WITNESS_PIXELS;
    from_pixels(page);
    expect_markdown(page,
                    "- two in Sweden\n- three in Portugal\n- none in Spain\n\n"
                    "The lakes differ in their area, depth and fetch, and in little e is a "
                    "letter here, as are those below it that begin the lines e and all others "
                    "of this paragraph, which is no list of things.\n");
}

static void
loose_spaces_of_a_scan_part_no_columns(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "An  open  cry!   Has  it  been  heard  in  the");
    sketch_line(page, 50, 112, 10, 0, "city  or  not?   Who  can  say  what  it  was");
    sketch_line(page, 50, 124, 10, 0, "that  rang  out  there  in  the  dark  of  it.");
    from_pixels(page);
    expect_markdown(page, "An open cry! Has it been heard in the city or not? Who can say what it "
                          "was that rang out there in the dark of it.\n");
}

/* A row that was measured with ink of the next is as high as both; its letters are not. */
static void
a_row_of_a_scan_that_is_too_high_is_no_heading(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "What all of them have in common is told by the next lines");
    sketch_line(page, 50, 112, 10, 0, "of this page in words that are easily read by all of us.");
    sketch_line(page, 50, 140, 10, 0, "Nobody was there who saw it");
    sketch_line(page, 50, 168, 10, 0, "More of it is told by the lines that follow on this page");
    sketch_line(page, 50, 180, 10, 0, "in words that are read as easily as those of the others.");
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].box.y1 -= 2.5f; /* no descenders */
    for (uint32_t i = page->lines[2].first_word; i < page->lines[3].first_word; i++)
        page->words[i].size = 17;
    from_pixels(page);
    expect_markdown(page, "What all of them have in common is told by the next lines of this page "
                          "in words that are easily read by all of us.\n\n"
                          "Nobody was there who saw it\n\n"
                          "More of it is told by the lines that follow on this page in words that "
                          "are read as easily as those of the others.\n");
}

/* As wide as those spaces, but between figures. */
static void
narrow_columns_of_a_scan_are_columns(void **state)
{
    static const char *const rows[] = {
        "Kassel revenue    10,406   10.4%   yes", "Aachen training    9,714   79.6%   no",
        "Erfurt travel     56,601   90.9%   yes", "Goslar freight    60,075   85.9%   no",
        "Bremen storage    11,520   11.2%   no",  "Cologne rent      11,904   52.4%   yes"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        sketch_line(page, 50, 100 + 14 * (float)i, 10, 0, rows[i]);
    from_pixels(page);
    expect_markdown(page,
                    "<table>\n<tbody>\n"
                    "<tr><td>Kassel revenue</td><td>10,406</td><td>10.4%</td><td>yes</td></tr>\n"
                    "<tr><td>Aachen training</td><td>9,714</td><td>79.6%</td><td>no</td></tr>\n"
                    "<tr><td>Erfurt travel</td><td>56,601</td><td>90.9%</td><td>yes</td></tr>\n"
                    "<tr><td>Goslar freight</td><td>60,075</td><td>85.9%</td><td>no</td></tr>\n"
                    "<tr><td>Bremen storage</td><td>11,520</td><td>11.2%</td><td>no</td></tr>\n"
                    "<tr><td>Cologne rent</td><td>11,904</td><td>52.4%</td><td>yes</td></tr>\n"
                    "</tbody>\n</table>\n");
}

/* Marks so small that their size says nothing, in lines of their own. */
static void
marks_in_the_margin_stay_with_their_lines(void **state)
{
    static const char *const items[] = {
        "John White, born 12 October, and Fox", "George, born 31 March, and Mills too",
        "Ann Caroline, born 13 June, with all", "Sarah Maria, born in August, and Kay"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        sketch_line(page, 50, 101 + 20 * (float)i, 1, 0, ".");
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        sketch_line(page, 65, 100 + 20 * (float)i, 10, 0, items[i]);
    from_pixels(page);
    expect_markdown(page, ". John White, born 12 October, and Fox\n\n"
                          ". George, born 31 March, and Mills too\n\n"
                          ". Ann Caroline, born 13 June, with all\n\n"
                          ". Sarah Maria, born in August, and Kay\n");
}

/* Every word of the line from the first one on sinks by the tilt. */
static void
tilted_line(struct page *page, float x, float y, const char *text, float tilt)
{
    uint32_t first = page->word_count;

    sketch_line(page, x, y + tilt * x, 10, 0, text);
    struct page_line *line = &page->lines[page->line_count - 1];
    for (uint32_t i = first; i < page->word_count; i++) {
        struct box *box = &page->words[i].box;
        float sink = tilt * (box->x0 - x);
        box->y0 += sink;
        box->y1 += sink;
        line->box = box_union(line->box, *box);
    }
}

static void
prices_of_a_tilted_receipt_stand_with_their_items(void **state)
{
    static const char *const rows[][2] = {{"Coffee, very large", "3.80"},
                                          {"Two cinnamon buns", "5.00"},
                                          {"A tide table", "12.50"},
                                          {"The total sum", "21.30"}};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        tilted_line(page, 50, 100 + 16 * (float)i, rows[i][0], 0.06f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        tilted_line(page, 300, 100 + 16 * (float)i, rows[i][1], 0.06f);
    from_pixels(page);
    expect_markdown(page, "<table>\n<tbody>\n<tr><td>Coffee, very large</td><td>3.80</td></tr>\n"
                          "<tr><td>Two cinnamon buns</td><td>5.00</td></tr>\n"
                          "<tr><td>A tide table</td><td>12.50</td></tr>\n"
                          "<tr><td>The total sum</td><td>21.30</td></tr>\n</tbody>\n</table>\n");
}

/* The page as it was drawn, turned: clockwise, the text runs down; otherwise up. */
static void
turn_page(struct page *page, bool clockwise)
{
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct box b = page->words[i].box;
        page->words[i].box =
            clockwise ? (struct box){page->height - b.y1, b.x0, page->height - b.y0, b.x1}
                      : (struct box){b.y0, page->width - b.x1, b.y1, page->width - b.x0};
    }
    for (uint32_t i = 0; i < page->line_count; i++) {
        struct page_line *line = &page->lines[i];
        struct box b = line->box;
        line->box = clockwise ? (struct box){page->height - b.y1, b.x0, page->height - b.y0, b.x1}
                              : (struct box){b.y0, page->width - b.x1, b.y1, page->width - b.x0};
        line->vertical = true;
        line->baseline = line->box.y1;
    }
    float width = page->width;
    page->width = page->height;
    page->height = width;
}

static void
expect_notice_turned(struct page *page, bool clockwise)
{
    sketch_line(page, 50, 112, 10, 0, "The second line of it ends the paragraph.");
    sketch_line(page, 50, 100, 10, 0, "This text runs along the side of the page and");
    sketch_line(page, 50, 70, 16, 0, "Sideways notice");
    turn_page(page, clockwise);
    struct box heading = page->lines[2].box;
    expect_markdown(page, "# Sideways notice\n\nThis text runs along the side of the page and The "
                          "second line of it ends the paragraph.\n");
    assert_true(page->lines[0].vertical);
    assert_true(page->width > 799);
    assert_true(page->lines[0].box.x0 > heading.x0 - 0.01f &&
                page->lines[0].box.x0 < heading.x0 + 0.01f);
    assert_true(page->blocks[0].box.y1 > heading.y1 - 0.01f &&
                page->blocks[0].box.y1 < heading.y1 + 0.01f);
}

static void
a_page_whose_text_runs_down_is_read_from_the_right(void **state)
{
    expect_notice_turned(*state, true);
}

static void
a_page_whose_text_runs_up_is_read_from_the_left(void **state)
{
    expect_notice_turned(*state, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(labels_and_values_are_read_row_by_row),
        PAGE_CASE(labels_come_before_values_that_begin_higher),
        PAGE_CASE(values_that_go_on_stay_with_the_label_above),
        PAGE_CASE(two_addresses_are_read_by_column),
        PAGE_CASE(short_lines_keep_their_ends),
        PAGE_CASE(numbers_of_clauses_stay_with_their_text),
        PAGE_CASE(marks_that_are_drawn_last_stand_with_their_items),
        PAGE_CASE(short_lines_below_a_larger_one_are_no_indices),
        PAGE_CASE(values_of_fields_stand_behind_their_labels),
        PAGE_CASE(labels_of_a_picture_are_of_no_column),
        PAGE_CASE(a_page_of_code_keeps_its_white_space),
        PAGE_CASE(dots_of_a_scan_are_bullets),
        PAGE_CASE(loose_spaces_of_a_scan_part_no_columns),
        PAGE_CASE(a_row_of_a_scan_that_is_too_high_is_no_heading),
        PAGE_CASE(narrow_columns_of_a_scan_are_columns),
        PAGE_CASE(marks_in_the_margin_stay_with_their_lines),
        PAGE_CASE(prices_of_a_tilted_receipt_stand_with_their_items),
        PAGE_CASE(a_page_whose_text_runs_down_is_read_from_the_right),
        PAGE_CASE(a_page_whose_text_runs_up_is_read_from_the_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
