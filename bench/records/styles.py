# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ways to set lists of records without a table. Each makes (sheets, truth) from a Content.

OPEN are those that rules were made with, SEALED were looked at only when the rules were done."""
from content import HEADS, LABELS, LANGUAGES, CERTIFICATES, DRUGS, TAKEN
from sheets import Sheets

STRING = {"type": "string"}


def array(**fields):
    return {"type": "array", "items": {"type": "object", "properties": {k: v if isinstance(v, dict) else {"type": v} for k, v in fields.items()}}}


SCHEMAS = {
    "cv": {"type": "object", "properties": {
        "experience": array(title="string", company="string", location="string", start="string", end="string", description="string"),
        "education": array(institution="string", degree="string", start="string", end="string"),
        "languages": array(language="string", level="string"),
        "certificates": array(name="string", issuer="string", year="string")}},
    "contacts": {"type": "object", "properties": {"contacts": array(name="string", role="string", company="string", phone="string", email={"type": "string", "format": "email"})}},
    "references": {"type": "object", "properties": {"references": array(name="string", role="string", company="string", phone="string", email={"type": "string", "format": "email"})}},
    "products": {"type": "object", "properties": {"products": array(name="string", price="number", article_number="string", description="string")}},
    "deliveries": {"type": "object", "properties": {"deliveries": array(number="string", date={"type": "string", "format": "date"}, quantity="number", location="string", carrier="string")}},
    "medications": {"type": "object", "properties": {"medications": array(name="string", dose="string", frequency="string")}}}


def strip(rows, *names):
    return [{n: (" ".join(r[n]) if isinstance(r[n], list) else r[n]) for n in names if n in r} for r in rows]


def person(c, s, size=18):
    p = c.people(1)[0]
    s.line(60, p["name"], size, "b")
    s.line(60, f"{p['phone']}  ·  {p['email']}", 9)
    s.gap(14)


def extras(c, s, head, x=60):
    """Languages and certificates, one a line."""
    langs = LANGUAGES[c.lang]
    head(c.head("languages"))
    for name, level in langs:
        s.line(x, f"{name} – {level}")
    s.gap(10)
    return {"languages": [{"language": n, "level": l} for n, l in langs]}


EXP = ("title", "company", "location", "start", "end", "description")
EDU = ("degree", "institution", "start", "end")


# --- open ---

def cv_dates_left(c):
    """Dates in a column at the left, as in a German curriculum."""
    s = Sheets()
    person(c, s)

    def head(t):
        s.gap(8)
        s.line(60, t, 13, "b")
        s.gap(3)
    jobs, schools = c.jobs(3), c.schools(2)
    head(c.head("experience"))
    for j in jobs:
        s.text(60, s.y, f"{j['start']} – {j['end']}")
        s.line(190, j["title"], 10, "b")
        s.line(190, f"{j['company']}, {j['location']}")
        for d in j["description"]:
            s.wrap(190, d, mark="•")
        s.gap(6)
    head(c.head("education"))
    for e in schools:
        s.text(60, s.y, f"{e['start']} – {e['end']}")
        s.line(190, e["degree"], 10, "b")
        s.line(190, e["institution"])
        s.gap(6)
    more = extras(c, s, head, 190)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU), **more}


def cv_dates_right(c):
    """Bold position and dates at the right margin, organisation below in italics, bullets."""
    s = Sheets()
    person(c, s)

    def head(t):
        s.gap(8)
        s.line(60, t.upper(), 11, "b")
        s.gap(4)
    jobs, schools = c.jobs(4, "name"), c.schools(2, "year")
    head(c.head("experience"))
    for j in jobs:
        s.text(0, s.y, f"{j['start']} – {j['end']}", right=540)
        s.line(60, j["title"], 10, "b")
        s.line(60, f"{j['company']}, {j['location']}", 10, "i")
        for d in j["description"]:
            s.wrap(72, d, mark="•")
        s.gap(7)
    head(c.head("education"))
    for e in schools:
        s.text(0, s.y, f"{e['start']} – {e['end']}", right=540)
        s.line(60, e["institution"], 10, "b")
        s.line(60, e["degree"], 10, "i")
        s.gap(7)
    more = extras(c, s, head)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU), **more}


def cv_company_first(c):
    """Organisation and place first, position and dates on the line below, a paragraph."""
    s = Sheets()
    person(c, s)

    def head(t):
        s.gap(10)
        s.line(60, t, 14, "B")
        s.gap(4)
    jobs, schools = c.jobs(3, "name"), c.schools(2)
    head(c.head("experience"))
    for j in jobs:
        s.line(60, f"{j['company']}, {j['location']}", 10.5, "B")
        s.runs(60, [(j["title"], "I"), (f"({j['start']} – {j['end']})", "R")], 10.5)
        s.wrap(60, " ".join(j["description"]), size=10.5, font="R")
        s.gap(9)
    head(c.head("education"))
    for e in schools:
        s.line(60, e["institution"], 10.5, "B")
        s.runs(60, [(e["degree"], "I"), (f"({e['start']} – {e['end']})", "R")], 10.5)
        s.gap(9)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU)}


def cv_bars(c):
    """All on one line between bars, without weight."""
    s = Sheets()
    person(c, s)
    jobs, schools = c.jobs(4, "num"), c.schools(3)

    def head(t):
        s.gap(8)
        s.line(60, t, 12, "b")
    head(c.head("experience"))
    for j in jobs:
        s.line(60, f"{j['title']} | {j['company']} | {j['location']} | {j['start']} - {j['end']}")
        for d in j["description"]:
            s.wrap(70, d, mark="-")
    head(c.head("education"))
    for e in schools:
        s.line(60, f"{e['degree']} | {e['institution']} | {e['start']} - {e['end']}")
    certs = CERTIFICATES[c.lang]
    head(c.head("certificates"))
    rows = []
    for n, i in certs:
        year = str(c.r.randrange(2010, 2023))
        s.line(60, f"{n}, {i}, {year}")
        rows.append({"name": n, "issuer": i, "year": year})
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU), "certificates": rows}


def cv_sidebar(c):
    """A column at the left with languages; work and schools at the right, over two pages."""
    s = Sheets()
    p = c.people(1)[0]
    s.line(210, p["name"], 20, "b")
    s.gap(10)
    top = s.y
    langs = LANGUAGES[c.lang]
    s.line(40, c.head("languages"), 12, "b")
    for n, l in langs:
        s.line(40, f"{n}: {l}", 9)
    s.gap(10)
    s.line(40, c.head("skills"), 12, "b")
    for w in ("Excel", "SAP", "Python"):
        s.line(40, w, 9)
    s.y = top
    jobs, schools = c.jobs(7, "dot"), c.schools(2)
    s.line(210, c.head("experience"), 12, "b")
    s.gap(3)
    for j in jobs:
        s.line(210, j["title"], 10, "b")
        s.line(210, f"{j['company']} · {j['location']}", 10)
        s.line(210, f"{j['start']} – {j['end']}", 9, "i")
        for d in j["description"]:
            s.wrap(210, d, mark="•", right=555)
        s.gap(8)
    s.line(210, c.head("education"), 12, "b")
    s.gap(3)
    for e in schools:
        s.line(210, e["degree"], 10, "b")
        s.line(210, e["institution"], 10)
        s.line(210, f"{e['start']} – {e['end']}", 9, "i")
        s.gap(8)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU),
                     "languages": [{"language": n, "level": l} for n, l in langs]}


def contact_blocks(c):
    """Persons one below the other, a blank line between."""
    s = Sheets()
    people = c.people(5)
    s.line(60, c.head("contacts"), 14, "b")
    s.gap(8)
    for p in people:
        s.line(60, p["name"], 10, "b")
        s.line(60, p["role"])
        s.line(60, p["company"])
        s.line(60, f"{LABELS[c.lang]['phone']}: {p['phone']}")
        s.line(60, p["email"])
        s.gap(12)
    return s, "contacts", {"contacts": people}


def contact_cards(c):
    """Two cards side by side, labels and values."""
    s = Sheets()
    people, l = c.people(6), LABELS[c.lang]
    s.line(60, c.head("contacts"), 14, "b")
    s.gap(8)
    for i in range(0, 6, 2):
        top = s.y
        for x, p in ((60, people[i]), (320, people[i + 1])):
            s.y = top
            for k in ("name", "role", "company", "phone", "email"):
                s.text(x, s.y, l[k] + ":", 9, "b")
                s.line(x + 70, p[k], 9)
        s.gap(16)
    return s, "contacts", {"contacts": people}


def referees(c):
    """One line of name and position, one of organisation, one of contact."""
    s = Sheets()
    people = c.people(3)
    person(c, s)
    s.line(60, c.head("interests"), 12, "b")
    s.line(60, "Chess, hiking")
    s.gap(10)
    s.line(60, c.head("references"), 12, "b")
    for p in people:
        s.line(60, f"{p['name']}, {p['role']}")
        s.line(60, p["company"])
        s.line(60, f"{p['email']}  |  {p['phone']}")
        s.gap(8)
    return s, "references", {"references": people}


def price_blocks(c):
    """Bold name with its price at the right, article number and text below."""
    s = Sheets()
    goods = c.goods(5)
    s.line(60, c.head("products"), 16, "b")
    s.gap(10)
    for g in goods:
        s.text(0, s.y, g["price_text"], 10, "b", right=540)
        s.line(60, g["name"], 10, "b")
        s.line(60, f"{LABELS[c.lang]['article_number']}: {g['article_number']}", 9)
        s.wrap(60, g["description"], right=420, size=9)
        s.gap(10)
    return s, "products", {"products": strip(goods, "name", "price", "article_number", "description")}


def delivery_groups(c):
    """Numbered groups of labels and values."""
    s = Sheets()
    rows, l = c.deliveries(4), LABELS[c.lang]
    word = {"en": "Delivery", "de": "Lieferung", "fr": "Livraison"}[c.lang]
    s.line(60, c.head("deliveries"), 14, "b")
    s.gap(6)
    for i, d in enumerate(rows):
        s.line(60, f"{word} {i + 1}", 10, "b")
        for k, v in (("number", d["number"]), ("date", d["date_text"]), ("quantity", str(d["quantity"])), ("location", d["location"]), ("carrier", d["carrier"])):
            s.text(72, s.y, l[k] + ":")
            s.line(190, v)
        s.gap(8)
    return s, "deliveries", {"deliveries": strip(rows, "number", "date", "quantity", "location", "carrier")}


def drug_lines(c):
    """One a line with commas."""
    s = Sheets()
    s.line(60, c.head("medications"), 12, "b")
    rows = []
    for name, dose in DRUGS:
        often = c.pick(TAKEN)
        s.line(60, f"• {name} {dose}, {often}")
        rows.append({"name": name, "dose": dose, "frequency": often})
    return s, "medications", {"medications": rows}


OPEN = [cv_dates_left, cv_dates_right, cv_company_first, cv_bars, cv_sidebar, contact_blocks, contact_cards, referees, price_blocks,
        delivery_groups, drug_lines]


# --- sealed ---

def sealed_cv_at(c):
    """'Position at Organisation', dates alone on the next line, headings between spaced capitals."""
    s = Sheets()
    person(c, s, 22)

    def head(t):
        s.gap(10)
        s.line(60, t.upper(), 12, "R")
        s.gap(2)
    joint = {"en": "at", "de": "bei", "fr": "chez"}[c.lang]
    jobs, schools = c.jobs(3, "name"), c.schools(2)
    head(c.head("experience"))
    for j in jobs:
        s.line(60, f"{j['title']} {joint} {j['company']}", 11, "B")
        s.line(60, f"{j['start']} – {j['end']}, {j['location']}", 10, "I")
        s.wrap(60, " ".join(j["description"]), size=10, font="R")
        s.gap(8)
    head(c.head("education"))
    for e in schools:
        s.line(60, e["degree"], 11, "B")
        s.line(60, f"{e['institution']}, {e['start']} – {e['end']}", 10, "I")
        s.gap(8)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU)}


def sealed_cv_compact(c):
    """Dates first on the line, then position, organisation and place with commas; nothing bold."""
    s = Sheets()
    person(c, s)

    def head(t):
        s.gap(9)
        s.line(60, t + ":", 11, "b")
    jobs, schools = c.jobs(5, "year"), c.schools(3)
    head(c.head("education"))
    for e in schools:
        s.line(60, f"{e['start']}–{e['end']}: {e['degree']}, {e['institution']}")
    head(c.head("experience"))
    for j in jobs:
        s.line(60, f"{j['start']}–{j['end']}: {j['title']}, {j['company']}, {j['location']}")
        s.wrap(80, j["description"][0])
        j["description"] = j["description"][:1]
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU)}


def sealed_cv_centred(c):
    """Headings in the middle; organisation bold with the place at the right, position italic with dates at the right."""
    s = Sheets()
    p = c.people(1)[0]
    s.line(0, p["name"], 20, "B", centre=297)
    s.gap(12)

    def head(t):
        s.gap(8)
        s.line(0, t, 13, "B", centre=297)
        s.gap(3)
    jobs, schools = c.jobs(4, "name"), c.schools(2)
    head(c.head("experience"))
    for j in jobs:
        s.text(0, s.y, j["location"], 10, "R", right=535)
        s.line(60, j["company"], 10, "B")
        s.text(0, s.y, f"{j['start']} – {j['end']}", 10, "I", right=535)
        s.line(60, j["title"], 10, "I")
        for d in j["description"]:
            s.wrap(75, d, mark="•", font="R")
        s.gap(6)
    head(c.head("education"))
    for e in schools:
        s.text(0, s.y, f"{e['start']} – {e['end']}", 10, "I", right=535)
        s.line(60, e["institution"], 10, "B")
        s.line(60, e["degree"], 10, "I")
        s.gap(6)
    return s, "cv", {"experience": strip(jobs, *EXP), "education": strip(schools, *EDU)}


def sealed_cv_labels(c):
    """Each position as labels and values."""
    s = Sheets()
    l = LABELS[c.lang]
    person(c, s)
    s.line(60, c.head("experience"), 13, "b")
    s.gap(5)
    jobs = c.jobs(3, "dot")
    for j in jobs:
        for k, v in (("start", j["start"]), ("end", j["end"]), ("company", j["company"]), ("role", j["title"])):
            s.text(60, s.y, l[k] + ":", 10, "b")
            s.line(150, v)
        s.gap(9)
    return s, "cv", {"experience": strip(jobs, "title", "company", "start", "end")}


def sealed_contact_lines(c):
    """All of a person on one line, marks between, under a heading with a number."""
    s = Sheets()
    people = c.people(6)
    s.line(60, "3. " + c.head("contacts"), 13, "b")
    s.gap(4)
    for p in people:
        s.line(60, f"{p['name']} – {p['role']} – {p['phone']} – {p['email']}", 9)
    return s, "contacts", {"contacts": strip(people, "name", "role", "phone", "email")}


def sealed_contact_grid(c):
    """Three persons beside one another, without labels."""
    s = Sheets()
    people = c.people(6)
    s.line(60, c.head("contacts"), 14, "b")
    s.gap(10)
    for i in (0, 3):
        top = s.y
        for x, p in zip((60, 230, 400), people[i:i + 3]):
            s.y = top
            s.line(x, p["name"], 9, "b")
            s.line(x, p["role"], 8)
            s.line(x, p["phone"], 8)
            s.line(x, p["email"], 8)
        s.gap(18)
    return s, "contacts", {"contacts": strip(people, "name", "role", "phone", "email")}


def sealed_prices(c):
    """A numbered list: name, then price behind dots."""
    s = Sheets()
    goods = c.goods(6)
    s.line(60, c.head("products"), 14, "b")
    s.gap(6)
    for i, g in enumerate(goods):
        s.line(60, f"{i + 1}. {g['name']} ({g['article_number']})")
        s.line(75, g["price_text"], 10)
        s.gap(3)
    return s, "products", {"products": strip(goods, "name", "price", "article_number")}


def sealed_deliveries(c):
    """Groups over pages, the labels of each on two lines."""
    s = Sheets()
    rows, l = c.deliveries(9), LABELS[c.lang]
    s.y = 420
    s.line(60, c.head("deliveries"), 14, "b")
    s.gap(6)
    for d in rows:
        s.line(60, f"{l['number']}: {d['number']}    {l['date']}: {d['date_text']}")
        s.line(60, f"{l['quantity']}: {d['quantity']}    {l['location']}: {d['location']}    {l['carrier']}: {d['carrier']}")
        s.gap(10)
    return s, "deliveries", {"deliveries": strip(rows, "number", "date", "quantity", "location", "carrier")}


SEALED = [sealed_cv_at, sealed_cv_compact, sealed_cv_centred, sealed_cv_labels, sealed_contact_lines, sealed_contact_grid, sealed_prices,
          sealed_deliveries]
