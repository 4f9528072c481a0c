# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands on the pages of bench/scripts: letters that were made up for it, a list of paragraphs a language."""

TEXTS = {
    "eng": [
        "Minutes of the meeting",
        "The board met on 12/03/2024 in the small hall and chose Windows 11 for all offices.",
        "Sales rose by 50% in 2023, and the amount of 1,250.75 (including tax) is due within 30 days.",
        "Please call 055 123 4567 before noon, or write a letter to the address at the foot of this page.",
        "Every member received a copy of the report and the plan for the coming year.",
    ],
    "deu": [
        "Protokoll der Sitzung",
        "Der Vorstand traf sich am 12.03.2024 im kleinen Saal und beschloss, überall Windows 11 zu verwenden.",
        "Der Umsatz stieg 2023 um 50%, und der Betrag von 1.250,75 (einschließlich Steuer) ist binnen 30 Tagen fällig.",
        "Bitte rufen Sie vor zwölf Uhr an, oder schreiben Sie einen Brief an die Anschrift am Fuß dieser Seite.",
        "Jedes Mitglied erhielt eine Abschrift des Berichts und den Plan für das kommende Jahr.",
    ],
    "fra": [
        "Compte rendu de la réunion",
        "Le conseil s'est réuni le 12/03/2024 dans la petite salle et a choisi Windows 11 pour tous les bureaux.",
        "Les ventes ont augmenté de 50% en 2023, et la somme de 1250,75 (taxes comprises) est payable sous 30 jours.",
        "Veuillez téléphoner avant midi, ou bien écrire une lettre à l'adresse indiquée au bas de cette page.",
        "Chaque membre a reçu une copie du rapport et le projet pour l'année à venir.",
    ],
    "spa": [
        "Acta de la reunión",
        "La junta se reunió el 12/03/2024 en la sala pequeña y eligió Windows 11 para todas las oficinas.",
        "Las ventas crecieron un 50% en 2023, y el importe de 1.250,75 (impuestos incluidos) vence en 30 días.",
        "Llame por teléfono antes del mediodía o escriba una carta a la dirección que está al pie de esta página.",
        "Cada miembro recibió una copia del informe y el plan para el año próximo.",
    ],
    "ita": [
        "Verbale della riunione",
        "Il consiglio si è riunito il 12/03/2024 nella sala piccola e ha scelto Windows 11 per tutti gli uffici.",
        "Le vendite sono cresciute del 50% nel 2023, e la somma di 1.250,75 (tasse comprese) scade entro 30 giorni.",
        "Si prega di telefonare prima di mezzogiorno o di scrivere una lettera all'indirizzo in fondo a questa pagina.",
        "Ogni socio ha ricevuto una copia della relazione e il progetto per l'anno che viene.",
    ],
    "por": [
        "Ata da reunião",
        "A direção reuniu-se em 12/03/2024 na sala pequena e escolheu Windows 11 para todos os escritórios.",
        "As vendas cresceram 50% em 2023, e a quantia de 1.250,75 (impostos incluídos) vence em 30 dias.",
        "Telefone antes do meio-dia ou escreva uma carta para o endereço que está no rodapé desta página.",
        "Cada membro recebeu uma cópia do relatório e o plano para o próximo ano.",
    ],
    "nld": [
        "Verslag van de vergadering",
        "Het bestuur kwam op 12/03/2024 bijeen in de kleine zaal en koos Windows 11 voor alle kantoren.",
        "De omzet steeg in 2023 met 50%, en het bedrag van 1.250,75 (inclusief belasting) moet binnen 30 dagen betaald zijn.",
        "Bel ons voor twaalf uur op, of schrijf een brief naar het adres dat onderaan deze bladzijde staat.",
        "Ieder lid kreeg een afschrift van het verslag en het plan voor het komende jaar.",
    ],
    "pol": [
        "Protokół z zebrania",
        "Zarząd zebrał się 12.03.2024 w małej sali i wybrał Windows 11 dla wszystkich biur.",
        "Sprzedaż wzrosła w 2023 o 50%, a kwota 1250,75 (łącznie z podatkiem) jest płatna w ciągu 30 dni.",
        "Prosimy zadzwonić przed południem albo napisać list na adres podany u dołu tej strony.",
        "Każdy członek otrzymał odpis sprawozdania oraz plan na przyszły rok.",
    ],
    "rus": [
        "Протокол заседания",
        "Правление собралось 12.03.2024 в малом зале и выбрало Windows 11 для всех отделов.",
        "Продажи выросли в 2023 году на 50%, а сумма 1250,75 (включая налог) должна быть уплачена в течение 30 дней.",
        "Просим позвонить до полудня или написать письмо по адресу, указанному внизу этой страницы.",
        "Каждый участник получил копию отчёта и план на следующий год.",
    ],
    "ara": [
        "محضر الاجتماع",
        "اجتمع المجلس بتاريخ 12/03/2024 في القاعة الصغيرة واختار برنامج Windows 11 لجميع المكاتب.",
        "زادت المبيعات في عام 2023 زيادة كبيرة، والمبلغ 1,250.75 ريال (شامل الضريبة) يستحق خلال 30 يوما.",
        "يرجى الاتصال بالرقم 0551234567 قبل الظهر أو كتابة رسالة إلى العنوان المذكور في أسفل هذه الصفحة.",
        "وقد حصل كل عضو على نسخة من التقرير وعلى خطة العمل للسنة القادمة.",
    ],
    "heb": [
        "פרוטוקול הישיבה",
        "ההנהלה התכנסה בתאריך 12/03/2024 באולם הקטן ובחרה בתוכנת Windows 11 לכל המשרדים.",
        "המכירות עלו ב-50% בשנת 2023, והסכום 1,250.75 שקלים (כולל מס) ישולם תוך 30 יום.",
        "נא להתקשר למספר 03-5551234 לפני הצהריים או לכתוב מכתב לכתובת שבתחתית העמוד הזה.",
        "כל חבר קיבל עותק של הדוח ואת תוכנית העבודה לשנה הבאה.",
    ],
    "jpn": [
        "会議の記録",
        "理事会は2024年3月12日に小さな会議室で開かれ、すべての事務所でWindows 11を使うことに決めた。",
        "売上は2023年に50%増えた。金額は1,250円（税込み）で、30日以内に支払うこと。",
        "昼までに電話をするか、このページの下にある住所に手紙を書いてください。",
        "会員はみな報告書の写しと来年の計画を受け取った。",
    ],
}

# Read from the top, columns from the right.
UPRIGHT = [
    "春の朝",
    "山の上に小さな家があった。その家には年をとった男が一人で住んでいた。",
    "男は毎朝早く起きて、川まで水をくみに行った。道は長く、冬には雪が深かった。",
    "ある日、男は川のそばで白い鳥を見つけた。鳥は羽をけがして、飛ぶことができなかった。",
    "男は鳥を家に連れて帰り、毎日やさしく世話をした。春になると鳥は元気になった。",
]
