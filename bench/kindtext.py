# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences of our own, made by chance: what bench/kinds sets its pages from. Nothing in them is anyone's text."""

WORDS = {
    "en": {
        "adj": "quiet heavy narrow distant copper second wooden careful northern sudden formal steady patient broken shallow modern hollow "
               "curious familiar temporary remarkable seasonal independent",
        "noun": "harbour ledger engine valley council teacher bridge journal orchard signal method window committee archive lantern "
                "measurement railway instrument programme settlement observation temperature department agreement",
        "verb": "follows carries measures replaces protects explains reaches supports describes divides observes interrupts "
                "approaches represents determines",
        "link": "near behind above without against beyond during beside between",
        "tail": "in the early morning|before the end of the year|as most people expected|for reasons that nobody recorded|"
                "when the weather allows it|after a long discussion|on the other side of the river|with very little noise",
        "the": "the this every another no", "figure": "Figure|Fig.", "table": "Table", "note": "Compare|See also|According to",
    },
    "de": {
        "adj": "stille schwere enge ferne kupferne zweite hölzerne sorgfältige nördliche plötzliche förmliche geduldige flache neue vertraute",
        "noun": "Werkstatt Brücke Zeitung Messung Leitung Sammlung Verwaltung Zeichnung Gemeinde Laterne Vereinbarung Beobachtung Abteilung "
                "Eisenbahn Untersuchung Temperatur",
        "verb": "begleitet trägt misst ersetzt schützt erklärt erreicht unterstützt beschreibt teilt beobachtet unterbricht",
        "link": "neben hinter über ohne gegen während zwischen",
        "tail": "am frühen Morgen|vor dem Ende des Jahres|wie die meisten erwarteten|aus Gründen, die niemand aufschrieb|wenn das Wetter es erlaubt|"
                "nach einer langen Besprechung|auf der anderen Seite des Flusses",
        "the": "die diese jede keine", "figure": "Abbildung|Abb.", "table": "Tabelle|Tab.", "note": "Vergleiche|Siehe auch|Nach",
    },
    "fr": {
        "adj": "tranquille étroite lointaine seconde soigneuse soudaine formelle patiente profonde moderne familière remarquable",
        "noun": "rivière fenêtre lanterne mesure gare commission archive méthode vallée machine observation température",
        "verb": "suit porte mesure remplace protège explique atteint soutient décrit divise observe",
        "link": "près de derrière sur sans contre pendant",
        "tail": "au petit matin|avant la fin de l’année|comme on le pensait|pour des raisons que personne n’a notées|quand le temps le permet|"
                "après une longue discussion",
        "the": "la cette chaque une", "figure": "Figure|Fig.", "table": "Tableau", "note": "Comparer|Voir aussi|Selon",
    },
    "es": {
        "adj": "tranquila estrecha lejana segunda cuidadosa repentina formal paciente profunda moderna conocida",
        "noun": "ventana linterna medida estación comisión oficina máquina observación temperatura reunión carretera escuela",
        "verb": "sigue lleva mide sustituye protege explica alcanza apoya describe divide observa",
        "link": "cerca de detrás de sobre sin contra durante",
        "tail": "por la mañana temprano|antes del fin de año|como todos esperaban|por razones que nadie anotó|cuando el tiempo lo permite|"
                "después de una larga reunión",
        "the": "la esta cada una", "figure": "Figura|Fig.", "table": "Tabla|Cuadro", "note": "Compárese|Véase también|Según",
    },
}


class Speaker:
    def __init__(self, chance, language):
        self.chance = chance
        self.words = {k: v.split("|") if "|" in v or k in ("figure", "table", "note", "tail") else v.split() for k, v in WORDS[language].items()}

    def one(self, kind):
        return self.chance.choice(self.words[kind])

    def thing(self):
        return f"{self.one('the')} {self.one('adj')} {self.one('noun')}"

    def sentence(self, long=None):
        c = self.chance
        text = f"{self.thing()} {self.one('verb')} {self.thing()}"
        if long is not False and c.random() < 0.6:
            text += f" {self.one('link')} {self.thing()}"
        if long or c.random() < 0.5:
            text += f", {self.one('tail')}"
        if c.random() < 0.12:
            text += f" ({c.randint(2, 980)})"
        return text[0].upper() + text[1:] + "."

    def text(self, sentences):
        return " ".join(self.sentence() for _ in range(sentences))

    def title(self):
        c = self.chance
        parts = [self.one("adj"), self.one("noun")]
        if c.random() < 0.5:
            parts += [self.one("link"), self.one("the"), self.one("noun")]
        text = " ".join(parts)
        return text[0].upper() + text[1:]


CODE = [
    ["def count_items(path, limit=20):", '    """Counts lines that are not empty."""', "    total = 0", "    with open(path) as lines:",
     "        for line in lines:", "            if line.strip():", "                total += 1", "    return min(total, limit)"],
    ["#include <stdio.h>", "", "int main(void)", "{", "    for (int i = 0; i < 10; i++) {", '        printf("%d\\n", i * i);', "    }",
     "    return 0;", "}"],
    ["$ make build", "$ ./run --port 8080 --verbose", "listening on 127.0.0.1:8080"],
    ["server:", "  host: localhost", "  port: 9000", "  paths:", "    - /var/spool", "    - /srv/data", "retries: 3"],
    ["SELECT name, sum(amount) AS total", "FROM orders", "WHERE placed >= '2024-01-01'", "GROUP BY name", "ORDER BY total DESC;"],
    ["{", '  "id": 17,', '  "tags": ["red", "blue"],', '  "owner": {', '    "name": "Ada"', "  }", "}"],
    ["function add(a, b) {", "  return a + b;", "}", "console.log(add(2, 3));"],
]
INLINE_CODE = ["make test", "open()", "--verbose", "config.yaml", "x = 3", "NULL", "/etc/hosts", "git pull", "size_t"]
FORMULAS = [
    "<i>E</i> = <i>m</i><i>c</i><sup>2</sup>", "<i>a</i><sub>1</sub> + <i>a</i><sub>2</sub> = 2<i>b</i>", "<i>f</i>(<i>x</i>) = 3<i>x</i><sup>2</sup> − 4<i>x</i> + 1",
    "∑ <i>x</i><sub>i</sub> ≤ √2 · <i>n</i>", "<i>P</i>(<i>A</i>|<i>B</i>) = <i>P</i>(<i>A</i>) / <i>P</i>(<i>B</i>)", "<i>y</i> = α + β<i>x</i> + ε",
    "∫ <i>g</i>(<i>t</i>) d<i>t</i> = 0", "<i>v</i> = √(2<i>gh</i>)", "λ<sub>max</sub> ≈ 2.898 / <i>T</i>",
]
