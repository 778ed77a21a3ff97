"""The regions, the variables with their first year, the lists with their definitions, the nationalities."""

import csv
from pathlib import Path

from django.db import migrations

from casereg.vocabularies import swedish_order

DATA = Path(__file__).resolve().parent.parent / "data"

# code, Swedish, English
REGIONS = [
    ("stockholm", "Stockholm", "Stockholm"),
    ("bergslagen", "Bergslagen", "Bergslagen"),
    ("nord", "Nord", "Nord"),
    ("mitt", "Mitt", "Mitt"),
    ("ost", "Öst", "Öst"),
    ("vast", "Väst", "Väst"),
    ("syd", "Syd", "Syd"),
]
# code, first year, Swedish, English
VARIABLES = [
    ("region", 2018, "region", "region"),
    ("month", 2018, "månad", "month"),
    ("assessment", 2018, "bedömning", "assessment"),
    ("form", 2018, "exploateringsform", "form of exploitation"),
    ("sex", 2018, "kön", "sex"),
    ("age_group", 2018, "åldersgrupp", "age group"),
    ("nationality", 2018, "nationalitet", "nationality"),
    ("referral_source", 2023, "hänvisad från", "referred from"),
    (
        "joint_inspection",
        2023,
        "identifierad i myndighetsgemensam samverkan",
        "identified in a joint inspection",
    ),
    ("industry", 2022, "bransch", "industry"),
    ("children_in_sweden", 2022, "närstående barn i Sverige", "children in Sweden"),
    ("children_abroad", 2022, "närstående barn i annat land", "children abroad"),
    ("incident", 2018, "sammanhållet ärende", "incident"),
]
FORMS = [
    ("sexual", "sexuella ändamål", "sexual purposes"),
    ("labour", "arbetskraft", "labour"),
    ("criminality", "kriminalitet", "criminality"),
    ("begging", "tiggeri", "begging"),
    ("forced_marriage", "tvångsäktenskap", "forced marriage"),
    ("household", "hushållsarbete", "household work"),
    ("organ_removal", "organhandel", "organ removal"),
    ("multiple", "multipel", "multiple"),
    ("other", "annat", "other"),
    ("unknown", "okänd", "unknown"),
]
REFERRAL_SOURCES = [
    ("own_outreach", "egen uppsökande verksamhet", "own outreach"),
    ("migration_agency", "Migrationsverket", "Swedish Migration Agency"),
    ("police", "Polismyndigheten", "Swedish Police Authority"),
    ("social_services", "socialtjänsten", "social services"),
    ("civil_society", "civilsamhället", "civil society"),
    ("self_referral", "egen kontakt", "self-referral"),
    ("other", "annan", "other"),
    ("unknown", "okänd", "unknown"),
]
INDUSTRIES = [
    ("green", "grön näring", "agriculture, forestry and berry picking"),
    ("construction", "bygg", "construction"),
    ("hospitality", "hotell och restaurang", "hotels and restaurants"),
    ("beauty", "skönhets- och kroppsvård", "beauty and body care"),
    ("car_wash", "biltvätt/bilverkstad", "car washes and garages"),
    ("cleaning", "städ", "cleaning"),
    ("transport", "transport", "transport"),
    ("manufacturing", "industri", "manufacturing"),
    ("other", "annat", "other"),
    ("unknown", "okänd", "unknown"),
]
# What each means, by code: Swedish, English. At most two sentences; an example where two values meet.
VARIABLE_DEFINITIONS = {
    "region": (
        "Den region vars regionkoordinator håller i ärendet. Ett ärende som en annan region har tagit över "
        "räknas i den regionen.",
        "The region whose coordinator keeps the case. A case that another region has taken over is counted "
        "in that region.",
    ),
    "month": (
        "Den månad då regionkoordinatorn fick kännedom om personen; månadens år är ärendets statistikår. Den "
        "som utnyttjades 2022 men blev känd i januari 2023 räknas till 2023.",
        "The month in which the coordinator came to know of the person; its year is the case’s statistical "
        "year. Somebody who was exploited in 2022 but became known in January 2023 is counted in 2023.",
    ),
    "assessment": (
        "Vilket av de två brotten det enligt regionkoordinatorn finns anledning att anta att personen har "
        "utsatts för. Bedömningen avgör ingenting i rättslig mening: bara en domstol kan slå fast att någon "
        "har utsatts för ett brott.",
        "The offence to which, in the coordinator’s judgement, there is reason to assume that the person has "
        "been exposed. The assessment decides nothing in law: only a court can establish that somebody is "
        "the victim of a crime.",
    ),
    "form": (
        "Det som personen främst har utnyttjats till, eller skulle utnyttjas till. Ändamålet avgör, inte "
        "platsen: den som tvingas till prostitution i en massagesalong har formen sexuella ändamål.",
        "What the person has mainly been exploited for, or was to be exploited for. The purpose decides, not "
        "the place: somebody forced into prostitution in a massage parlour has the form sexual purposes.",
    ),
    "sex": (
        "Personens kön så som personen själv anger det eller, om personen inte har sagt något, så som det "
        "framgår av uppgifterna om personen. Flickor och pojkar har samma koder som kvinnor och män; "
        "åldersgruppen skiljer dem åt.",
        "The person’s sex as the person states it or, where the person has said nothing, as it appears from "
        "what is known. Girls and boys have the same codes as women and men; the age group tells them apart.",
    ),
    "age_group": (
        "Om personen var under 18 år när regionkoordinatorn fick kännedom om personen. Åldern när "
        "exploateringen började, eller när ärendet registrerades, har ingen betydelse.",
        "Whether the person was under 18 when the coordinator came to know of the person. The age when the "
        "exploitation began, or when the case was registered, does not matter.",
    ),
    "nationality": (
        "Personens medborgarskap, inte födelselandet och inte landet som personen kom från. Statslös är den "
        "som ingen stat räknar som sin medborgare; har medborgarskapet inte gått att få fram är det okänt.",
        "The person’s citizenship, not the country of birth and not the country that the person came from. "
        "Stateless is somebody whom no state regards as its citizen; a citizenship that could not be found "
        "out is unknown.",
    ),
    "referral_source": (
        "Den som gjorde regionkoordinatorn uppmärksam på personen: det sista ledet, inte den som först "
        "märkte något. Om polisen kontaktar socialtjänsten och socialtjänsten kontaktar regionkoordinatorn "
        "är värdet socialtjänsten.",
        "Whoever brought the person to the coordinator’s attention: the last link, not the first to notice "
        "something. If the police contact social services and social services contact the coordinator, the "
        "value is social services.",
    ),
    "joint_inspection": (
        "Om personen identifierades i myndigheternas gemensamma arbete mot arbetslivskriminalitet, oftast "
        "vid en inspektion av en arbetsplats. Frågan gäller alla exploateringsformer, inte bara arbetskraft.",
        "Whether the person was identified in the authorities’ joint work against work-related crime, mostly "
        "at an inspection of a workplace. The question concerns all forms of exploitation, not only labour.",
    ),
    "industry": (
        "Den bransch där personen har arbetat; arbetsuppgifterna avgör, inte vad företaget kallar sig. "
        "Uppgiften lämnas bara för exploateringsformer där branschen efterfrågas.",
        "The industry in which the person has worked; the work done decides, not what the business calls "
        "itself. It is recorded only for forms of exploitation that ask for it.",
    ),
    "children_in_sweden": (
        "Antal barn under 18 år i Sverige som personen är förälder till eller har hand om. Varje barn anges "
        "på en enda person, eftersom tabellen är en ren summa: är båda föräldrarna registrerade anges barnet "
        "hos den ena.",
        "The number of children under 18 in Sweden whose parent the person is or whom the person takes care "
        "of. Each child is entered on one person only, since the table is a plain sum: where both parents "
        "are registered, the child is entered on one of them.",
    ),
    "children_abroad": (
        "Antal barn under 18 år utanför Sverige som personen är förälder till eller har hand om. Det som "
        "avgör är var barnet fanns när regionkoordinatorn fick kännedom om personen; också här anges varje "
        "barn på en enda person.",
        "The number of children under 18 outside Sweden whose parent the person is or whom the person takes "
        "care of. What decides is where the child was when the coordinator came to know of the person; here "
        "too each child is entered on one person only.",
    ),
    "incident": (
        "En gemensam beteckning för personer från samma händelse, till exempel arbetskamrater hos samma "
        "arbetsgivare. Den lämnas tom när ingen annan hör till händelsen, och den innehåller varken namn "
        "eller platser.",
        "A shared reference for persons from the same event, such as workmates of the same employer. It is "
        "left blank where nobody else belongs to the event, and it holds neither names nor places.",
    ),
}
FORM_DEFINITIONS = {
    "sexual": (
        "Prostitution, pornografi och andra sexuella handlingar som någon utnyttjar personen för, också över "
        "internet. Massage utan sexuella handlingar är arbetskraft.",
        "Prostitution, pornography and other sexual acts for which somebody exploits the person, also over "
        "the internet. Massage without sexual acts is labour.",
    ),
    "labour": (
        "Tvångsarbete, eller arbete på uppenbart orimliga villkor, i en verksamhet som någon driver, med "
        "eller utan anställning. Den som städar hem åt ett städföretag räknas hit, medan den som sköter ett "
        "hushåll åt familjen i hemmet räknas till hushållsarbete.",
        "Forced labour, or work under obviously unreasonable conditions, in a business that somebody runs, "
        "with or without employment. Somebody who cleans homes for a cleaning firm is counted here, whereas "
        "somebody who keeps house for the family in the home is counted as household work.",
    ),
    "criminality": (
        "Personen förmås att begå brott som någon annan tjänar på, till exempel stölder, bedrägerier eller "
        "försäljning av narkotika. Att samla in pengar på falska listor är bedrägeri och räknas hit, inte "
        "till tiggeri.",
        "The person is made to commit crimes from which somebody else gains, such as theft, fraud or the "
        "sale of drugs. Collecting money on false lists is fraud and is counted here, not as begging.",
    ),
    "begging": (
        "Personen förmås att tigga, och någon annan tar pengarna eller styr tiggeriet. Är tiggeriet bara en "
        "förevändning för stölder är formen kriminalitet.",
        "The person is made to beg, and somebody else takes the money or controls the begging. Where the "
        "begging is only a pretext for theft, the form is criminality.",
    ),
    "forced_marriage": (
        "Personen har tvingats eller vilseletts in i ett äktenskap eller en äktenskapsliknande förbindelse, "
        "eller skulle ha blivit det. Att personen sedan får sköta makens eller släktens hushåll ändrar inte "
        "formen till hushållsarbete.",
        "The person has been forced or deceived into a marriage or a relationship like one, or was to be. "
        "That the person then has to keep house for the spouse or the family does not change the form to "
        "household work.",
    ),
    "household": (
        "Arbete i ett hem åt dem som bor där, till exempel städning, matlagning eller barnpassning, också "
        "som au pair. Den som ett företag skickar till hemmet räknas till arbetskraft.",
        "Work in a home for those who live there, such as cleaning, cooking or minding children, also as an "
        "au pair. Somebody whom a business sends to the home is counted as labour.",
    ),
    "organ_removal": (
        "En njure eller ett annat organ har tagits, eller skulle tas, från personen för någon annans "
        "räkning. Ett ingrepp i ett annat land räknas hit om en regionkoordinator har fått kännedom om "
        "personen.",
        "A kidney or another organ has been taken, or was to be taken, from the person for somebody else. An "
        "operation in another country is counted here if a coordinator has come to know of the person.",
    ),
    "multiple": (
        "Två eller flera former som väger så lika att ingen är den huvudsakliga, till exempel sexuella "
        "ändamål och kriminalitet. Går det att säga vilken som är den huvudsakliga registreras bara den.",
        "Two or more forms of such equal weight that none is the main one, for example sexual purposes and "
        "criminality. Where it can be said which is the main one, only that one is recorded.",
    ),
    "other": (
        "Formen är känd men har inget eget värde i listan, till exempel krigstjänst. Är formen inte känd är "
        "värdet okänd.",
        "The form is known but has no value of its own in the list, for example military service. Where the "
        "form is not known, the value is unknown.",
    ),
    "unknown": (
        "Det finns anledning att anta människohandel eller människoexploatering, men det är inte känt vad "
        "personen skulle utnyttjas till, till exempel när resan avbröts innan exploateringen började. Är "
        "flera former kända men inte vilken som väger tyngst är värdet multipel.",
        "There is reason to assume trafficking or exploitation, but it is not known what the person was to "
        "be exploited for, for example where the journey was broken off before the exploitation began. Where "
        "several forms are known but not which weighs most, the value is multiple.",
    ),
}
REFERRAL_SOURCE_DEFINITIONS = {
    "own_outreach": (
        "Regionkoordinatorn mötte eller hittade personen i sitt eget uppsökande arbete, till exempel i "
        "prostitutionsmiljöer, på arbetsplatser eller på nätet. En kollega i socialtjänsten som hör av sig "
        "räknas till socialtjänsten.",
        "The coordinator met or found the person in own outreach work, for example in prostitution settings, "
        "at workplaces or online. A colleague in social services who gets in touch is counted as social "
        "services.",
    ),
    "migration_agency": (
        "Migrationsverket hänvisade personen, till exempel efter en asylutredning eller i ett ärende om "
        "arbetstillstånd. Ett offentligt biträde som hör av sig räknas till annan.",
        "The Migration Agency referred the person, for example after an asylum interview or in a matter of a "
        "work permit. Counsel appointed for the person who gets in touch is counted as other.",
    ),
    "police": (
        "Någon vid Polismyndigheten hänvisade personen, till exempel en patrull, gränspolisen eller en "
        "utredare. Åklagare räknas till annan.",
        "Somebody at the Police Authority referred the person, for example a patrol, the border police or an "
        "investigator. Prosecutors are counted as other.",
    ),
    "social_services": (
        "Socialtjänsten i någon kommun hänvisade personen, till exempel en handläggare för barn eller "
        "socialjouren. Skola och annan kommunal verksamhet räknas till annan.",
        "The social services of some municipality referred the person, for example a child welfare officer "
        "or the emergency service. Schools and other municipal activities are counted as other.",
    ),
    "civil_society": (
        "En förening, ett trossamfund, en ideell kvinnojour, ett fackförbund eller en annan ideell "
        "organisation hänvisade personen. En privatperson som inte företräder någon organisation räknas till "
        "annan.",
        "An association, a faith community, a women’s shelter, a trade union or another non-profit "
        "organisation referred the person. A private person who does not represent an organisation is "
        "counted as other.",
    ),
    "self_referral": (
        "Personen tog själv kontakt, till exempel genom att ringa eller besöka regionkoordinatorn. En "
        "anhörig, en vän eller en arbetskamrat som hör av sig räknas till annan.",
        "The person got in touch, for example by calling or visiting the coordinator. A relative, a friend "
        "or a workmate who gets in touch is counted as other.",
    ),
    "other": (
        "Det är känt vem som hänvisade personen, men listan har inget eget värde för det, till exempel "
        "vården, skolan, Arbetsmiljöverket eller en anhörig. Är det inte känt är värdet okänd.",
        "It is known who referred the person, but the list has no value of its own for it, for example "
        "health care, a school, the Work Environment Authority or a relative. Where it is not known, the "
        "value is unknown.",
    ),
    "unknown": (
        "Frågan är ställd, men det har inte gått att få fram vem som hänvisade personen. Ett fält som har "
        "lämnats tomt i en fil är inte okänt utan ej angivet.",
        "The question was asked, but it could not be found out who referred the person. A field left blank "
        "in a file is not unknown but not recorded.",
    ),
}
INDUSTRY_DEFINITIONS = {
    "green": (
        "Jordbruk, djurhållning, trädgård, skogsbruk och plockning av bär. Plantering och röjning i skog "
        "räknas hit, också när arbetsgivaren är ett bemanningsföretag.",
        "Farming, animals, gardening, forestry and the picking of berries. Planting and clearing in forests "
        "is counted here, also where the employer is a staffing company.",
    ),
    "construction": (
        "Byggande, renovering, rivning, måleri, takläggning och vägarbete. Städning av en byggarbetsplats "
        "räknas till städ.",
        "Building, renovation, demolition, painting, roofing and road works. Cleaning of a building site is "
        "counted as cleaning.",
    ),
    "hospitality": (
        "Arbete på hotell, restaurang, kafé, bar eller gatukök, i kök såväl som servering. Den som bara kör "
        "ut maten räknas till transport.",
        "Work in a hotel, restaurant, café, bar or street kitchen, in the kitchen as well as serving. "
        "Somebody who only delivers the food is counted as transport.",
    ),
    "beauty": (
        "Frisörer, nagelsalonger, hudvård, massage och liknande. Utnyttjas personen för sexuella handlingar "
        "är exploateringsformen i stället sexuella ändamål.",
        "Hairdressers, nail salons, skin care, massage and the like. Where the person is exploited for "
        "sexual acts, the form of exploitation is sexual purposes instead.",
    ),
    "car_wash": (
        "Tvätt, rekonditionering, lackering, däckbyte och reparation av bilar. Den som kör bil åt andra, "
        "till exempel taxi, räknas till transport.",
        "Washing, reconditioning, painting, changing tyres and repairing cars. Somebody who drives for "
        "others, such as a taxi driver, is counted as transport.",
    ),
    "cleaning": (
        "Städning av kontor, trappor, hem och andra utrymmen för ett företags räkning. Den som sköter ett "
        "hushåll åt familjen i hemmet har exploateringsformen hushållsarbete.",
        "Cleaning of offices, stairs, homes and other premises for a business. Somebody who keeps house for "
        "the family in the home has the form of exploitation household work.",
    ),
    "transport": (
        "Transporter av gods och personer, taxi, flyttar, bud och utkörning. Den som lastar i en fabrik "
        "räknas till industri.",
        "Carrying goods and persons, taxi, removals, couriers and deliveries. Somebody who loads goods in a "
        "factory is counted as manufacturing.",
    ),
    "manufacturing": (
        "Tillverkning och förädling i fabrik eller verkstad, till exempel slakteri, bageri eller sågverk. "
        "Reparation av bilar räknas till biltvätt/bilverkstad.",
        "Making and processing in a factory or workshop, such as a slaughterhouse, a bakery or a sawmill. "
        "Repair of cars is counted as car washes and garages.",
    ),
    "other": (
        "Branschen är känd men har inget eget värde i listan, till exempel handel, vård eller tvätteri. Är "
        "branschen inte känd är värdet okänd.",
        "The industry is known but has no value of its own in the list, for example shops, care or "
        "laundries. Where the industry is not known, the value is unknown.",
    ),
    "unknown": (
        "Personen har arbetat, men det är inte känt i vilken bransch. Ett fält som har lämnats tomt i en fil "
        "är inte okänt utan ej angivet.",
        "The person has worked, but it is not known in which industry. A field left blank in a file is not "
        "unknown but not recorded.",
    ),
}


def seed(apps, schema_editor):
    def create(model, rows):
        rows = [row | {"position": position} for position, row in enumerate(rows, start=1)]
        apps.get_model("casereg", model).objects.bulk_create(
            [apps.get_model("casereg", model)(**row) for row in rows]
        )

    def listed(rows, **more):
        return [{"code": c, "label_sv": sv, "label_en": en, **more} for c, sv, en in rows]

    def defined(rows, definitions):
        names = ("definition_sv", "definition_en")
        return [row | dict(zip(names, definitions[row["code"]], strict=True)) for row in rows]

    create("Region", listed(REGIONS))
    create(
        "VariableRow",
        defined(
            [
                {"code": code, "first_year": year, "label_sv": sv, "label_en": en}
                for code, year, sv, en in VARIABLES
            ],
            VARIABLE_DEFINITIONS,
        ),
    )
    forms = [row | {"asks_for_industry": row["code"] == "labour"} for row in listed(FORMS, first_year=2018)]
    create("ExploitationForm", defined(forms, FORM_DEFINITIONS))
    sources = listed(REFERRAL_SOURCES, first_year=2023)
    create("ReferralSource", defined(sources, REFERRAL_SOURCE_DEFINITIONS))
    create("Industry", defined(listed(INDUSTRIES, first_year=2022), INDUSTRY_DEFINITIONS))
    with (DATA / "nationalities.csv").open(encoding="utf-8", newline="") as file:
        nationalities = list(csv.DictReader(file))
    # In the order of the Swedish names, which SQLite cannot sort by itself; then stateless and unknown.
    countries = [row for row in nationalities if len(row["code"]) == 2]
    others = [row for row in nationalities if len(row["code"]) != 2]
    create("Nationality", sorted(countries, key=lambda row: swedish_order(row["label_sv"])) + others)
    apps.get_model("casereg", "AuditHead").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("casereg", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
