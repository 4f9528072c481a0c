# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the documents say: people, positions, schools, goods, made up by a seed."""
import random

PEOPLE = {
    "en": ["Alice Whitmore", "Daniel Okafor", "Grace Pemberton", "Tom Ashdown", "Priya Nair", "Owen Blackwood", "Hannah Lorne"],
    "de": ["Jana Kühnert", "Lukas Brandhuber", "Miriam Sölch", "Henning Overbeck", "Petra Wohlfahrt", "Timo Reisach", "Ute Aschenbrenner"],
    "fr": ["Camille Roussel", "Étienne Marchal", "Sophie Lacombe", "Hugo Delcourt", "Inès Barbier", "Luc Fontanel", "Agathe Morvan"]}
TITLES = {
    "en": ["Software Engineer", "Senior Data Analyst", "Marketing Manager", "Junior Accountant", "Project Coordinator", "Sales Assistant", "Mechanical Design Engineer", "Head of Logistics", "Research Assistant", "Customer Service Representative"],
    "de": ["Softwareentwicklerin", "Projektleiter Logistik", "Sachbearbeiter Einkauf", "Werkstudentin Marketing", "Qualitätsingenieur", "Kaufmännische Angestellte", "Teamleiterin Kundendienst", "Praktikant Controlling", "Wissenschaftlicher Mitarbeiter", "Vertriebsassistent"],
    "fr": ["Ingénieure logiciel", "Chef de projet", "Assistante commerciale", "Responsable logistique", "Développeur web", "Stagiaire en comptabilité", "Technicien de maintenance", "Chargée de communication", "Analyste financier", "Directeur adjoint"]}
COMPANIES = {
    "en": ["Northgate Systems Ltd", "Harrow & Finch LLP", "Bluewater Shipping Inc.", "Corvid Analytics", "Pellham Foods plc", "Tidewell Partners", "Oakrise Hospital", "Marlow Group"],
    "de": ["Nordlicht Anlagenbau GmbH", "Feldmann & Söhne KG", "Stadtwerke Lindau", "Rheintal Logistik AG", "Kupferblau Medien", "Hansewerft GmbH & Co. KG", "Institut für Messtechnik", "Obstbau Wiesner"],
    "fr": ["Atelier Duverne SARL", "Transports Meunier SA", "Mairie de Vannes", "Clarté Conseil", "Banque du Littoral", "Laboratoires Orvault", "Studio Belleroche", "Groupe Savigny"]}
PLACES = {"en": ["London", "Bristol", "Leeds", "Dublin", "Boston, MA", "Glasgow"],
          "de": ["Hamburg", "München", "Köln", "Lindau", "Dresden", "Freiburg"],
          "fr": ["Lyon", "Nantes", "Paris", "Vannes", "Lille", "Grenoble"]}
SCHOOLS = {
    "en": ["University of Exeter", "Leeds College of Art", "Trinity School Bath", "Imperial College London", "Boston University"],
    "de": ["Universität Rostock", "Technische Universität Dresden", "Hochschule Konstanz", "Goethe-Gymnasium Kassel", "Berufsschule Emden"],
    "fr": ["Université de Nantes", "École Centrale de Lille", "Lycée Jules Verne", "IUT de Grenoble", "Université Lyon 2"]}
DEGREES = {
    "en": ["BSc Computer Science", "MSc Statistics", "Bachelor of Arts in History", "Diploma in Design", "PhD Physics", "MBA"],
    "de": ["Bachelor Informatik", "Master Maschinenbau", "Diplom Betriebswirtschaft", "Abitur", "Ausbildung zur Industriekauffrau"],
    "fr": ["Licence d'économie", "Master en informatique", "Baccalauréat scientifique", "BTS Comptabilité", "Doctorat en chimie"]}
DUTIES = {
    "en": ["Led a team of five and planned the yearly budget of the department.", "Built reports that the board now reads every month.", "Introduced a new process for returns, which saved two days a week.", "Trained new colleagues in the use of the warehouse system.", "Wrote and maintained the documentation of all internal tools."],
    "de": ["Leitung eines Teams von fünf Personen und Planung des Budgets.", "Aufbau eines monatlichen Berichtswesens für die Geschäftsführung.", "Einführung eines neuen Verfahrens für Rücksendungen im Lager.", "Einarbeitung neuer Kolleginnen und Kollegen in das System.", "Pflege der Dokumentation aller internen Werkzeuge."],
    "fr": ["Encadrement d'une équipe de cinq personnes et suivi du budget annuel.", "Mise en place de rapports mensuels pour la direction.", "Création d'un nouveau processus de retours pour le dépôt.", "Formation des nouveaux collègues au système de gestion.", "Rédaction de la documentation des outils internes."]}
MONTHS = {"en": ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"],
          "de": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
          "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]}
NOW = {"en": "present", "de": "heute", "fr": "aujourd'hui"}
HEADS = {
    "experience": {"en": ["Work Experience", "Professional Experience", "Employment History"], "de": ["Berufserfahrung", "Beruflicher Werdegang", "Berufspraxis"], "fr": ["Expérience professionnelle", "Expériences professionnelles", "Parcours professionnel"]},
    "education": {"en": ["Education", "Academic Background", "Education and Training"], "de": ["Ausbildung", "Bildungsweg", "Studium"], "fr": ["Formation", "Études", "Formation académique"]},
    "languages": {"en": ["Languages", "Language Skills"], "de": ["Sprachen", "Sprachkenntnisse"], "fr": ["Langues", "Langues étrangères"]},
    "certificates": {"en": ["Certificates", "Certifications"], "de": ["Zertifikate", "Weiterbildungen"], "fr": ["Certifications", "Certificats"]},
    "references": {"en": ["References", "Referees"], "de": ["Referenzen"], "fr": ["Références"]},
    "skills": {"en": ["Skills", "Technical Skills"], "de": ["Kenntnisse", "IT-Kenntnisse"], "fr": ["Compétences", "Informatique"]},
    "contacts": {"en": ["Contacts", "Our Team"], "de": ["Ansprechpartner", "Unser Team"], "fr": ["Vos contacts", "Notre équipe"]},
    "interests": {"en": ["Interests"], "de": ["Interessen"], "fr": ["Centres d'intérêt"]},
    "deliveries": {"en": ["Deliveries", "Shipments"], "de": ["Lieferungen", "Sendungen"], "fr": ["Livraisons", "Expéditions"]},
    "products": {"en": ["Price list", "Our products"], "de": ["Preisliste", "Unsere Produkte"], "fr": ["Nos tarifs", "Nos produits"]},
    "medications": {"en": ["Current medications", "Medication"], "de": ["Aktuelle Medikation", "Medikation"], "fr": ["Traitement en cours", "Médicaments"]}}
LANGUAGES = {"en": [("English", "native"), ("German", "fluent"), ("Spanish", "basic")],
             "de": [("Deutsch", "Muttersprache"), ("Englisch", "verhandlungssicher"), ("Italienisch", "Grundkenntnisse")],
             "fr": [("Français", "langue maternelle"), ("Anglais", "courant"), ("Allemand", "notions")]}
CERTIFICATES = {"en": [("Certified Scrum Master", "Scrum Alliance"), ("First Aid at Work", "Red Cross"), ("Forklift Licence", "Safety Council")],
                "de": [("Ausbildereignung", "IHK Kassel"), ("Staplerschein", "TÜV Nord"), ("Ersthelfer", "Rotes Kreuz")],
                "fr": [("Certificat de secouriste", "Croix-Rouge"), ("TOEIC 900", "ETS"), ("Habilitation électrique", "Apave")]}
GOODS = {"en": ["Oak shelf, oiled", "Brass lamp", "Linen curtain", "Garden bench", "Copper kettle", "Wool blanket"],
         "de": ["Eichenregal, geölt", "Messinglampe", "Leinenvorhang", "Gartenbank", "Kupferkessel", "Wolldecke"],
         "fr": ["Étagère en chêne", "Lampe en laiton", "Rideau de lin", "Banc de jardin", "Bouilloire en cuivre", "Couverture de laine"]}
DRUGS = [("Ibuprofen", "400 mg"), ("Metformin", "850 mg"), ("Ramipril", "5 mg"), ("Simvastatin", "20 mg")]
TAKEN = {"en": ["twice daily", "once in the morning", "at night"], "de": ["zweimal täglich", "morgens 1", "zur Nacht"], "fr": ["deux fois par jour", "le matin", "le soir"]}
LABELS = {
    "en": {"date": "Date", "quantity": "Quantity", "location": "Destination", "number": "Number", "carrier": "Carrier", "phone": "Phone", "email": "E-mail", "price": "Price", "article_number": "Article no", "name": "Name", "role": "Position", "company": "Company", "start": "From", "end": "To"},
    "de": {"date": "Datum", "quantity": "Menge", "location": "Zielort", "number": "Nummer", "carrier": "Spediteur", "phone": "Telefon", "email": "E-Mail", "price": "Preis", "article_number": "Artikel-Nr", "name": "Name", "role": "Funktion", "company": "Firma", "start": "Von", "end": "Bis"},
    "fr": {"date": "Date", "quantity": "Quantité", "location": "Destination", "number": "Numéro", "carrier": "Transporteur", "phone": "Téléphone", "email": "E-mail", "price": "Prix", "article_number": "Référence", "name": "Nom", "role": "Fonction", "company": "Société", "start": "Début", "end": "Fin"}}


class Content:
    def __init__(self, seed, lang):
        self.r = random.Random(seed)
        self.lang = lang

    def pick(self, pool, n=None):
        pool = pool[self.lang]
        return self.r.choice(pool) if n is None else self.r.sample(pool, n)

    def head(self, name):
        return self.r.choice(HEADS[name][self.lang])

    def moment(self, year, form):
        m = self.r.randrange(12)
        return {"year": str(year), "num": f"{m + 1:02d}/{year}", "dot": f"{m + 1:02d}.{year}",
                "name": f"{MONTHS[self.lang][m]} {year}", "iso": f"{year}-{m + 1:02d}"}[form]

    def periods(self, n, form, open_end=True):
        year, out = 2023 - self.r.randrange(3), []
        for i in range(n):
            begin = year - self.r.randrange(1, 4)
            out.append((self.moment(begin, form), NOW[self.lang] if i == 0 and open_end else self.moment(year, form)))
            year = begin
        return out

    def jobs(self, n, form="num"):
        return [{"title": t, "company": c, "location": self.pick(PLACES), "start": s, "end": e,
                 "description": self.pick(DUTIES, 2)}
                for t, c, (s, e) in zip(self.pick(TITLES, n), self.pick(COMPANIES, n), self.periods(n, form))]

    def schools(self, n, form="year"):
        return [{"degree": d, "institution": i, "start": s, "end": e}
                for d, i, (s, e) in zip(self.pick(DEGREES, n), self.pick(SCHOOLS, n), self.periods(n, form, False))]

    def people(self, n):
        made = []
        for name, role, firm in zip(self.pick(PEOPLE, n), self.pick(TITLES, n), self.pick(COMPANIES, n)):
            user = name.split()[-1].lower().encode("ascii", "ignore").decode()
            number = {"en": "020 7946 0%03d", "de": "040 5558%03d", "fr": "02 40 55 8%d 1%d"}[self.lang]
            args = (self.r.randrange(10), self.r.randrange(10)) if self.lang == "fr" else self.r.randrange(1000)
            made.append({"name": name, "role": role, "company": firm, "phone": number % args, "email": f"{user}@example.com"})
        return made

    def goods(self, n):
        out = []
        for name in self.pick(GOODS, n):
            cents = self.r.randrange(500, 30000)
            text = f"{cents // 100}.{cents % 100:02d}" if self.lang == "en" else f"{cents // 100},{cents % 100:02d}"
            sign = {"en": "£" + text, "de": text + " €", "fr": text + " €"}[self.lang]
            out.append({"name": name, "price": cents / 100, "price_text": sign, "article_number": f"K-{self.r.randrange(1000, 9999)}",
                        "description": self.pick(DUTIES)})
        return out

    def deliveries(self, n):
        return [{"number": f"LS{self.r.randrange(10000, 99999)}", "date": f"2023-{m:02d}-{d:02d}",
                 "date_text": f"{d:02d}.{m:02d}.2023" if self.lang != "en" else f"{d} {MONTHS['en'][m - 1]} 2023",
                 "quantity": self.r.randrange(2, 90), "location": self.pick(PLACES).split(",")[0], "carrier": c}
                for (m, d), c in zip([(self.r.randrange(1, 13), self.r.randrange(13, 28)) for _ in range(n)], [self.pick(COMPANIES) for _ in range(n)])]
