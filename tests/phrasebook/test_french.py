import pytest

from seq2seq.phrasebook import french
from seq2seq.phrasebook.lexicon import ADJECTIVES, VERBS

# The present in full, then je of the imperfect, je of the future, and the participle, written out by hand.
TABLES = """
être      suis es est sommes êtes sont | étais serai été
avoir     ai as a avons avez ont | avais aurai eu
aller     vais vas va allons allez vont | allais irai allé
venir     viens viens vient venons venez viennent | venais viendrai venu
revenir   reviens reviens revient revenons revenez reviennent | revenais reviendrai revenu
faire     fais fais fait faisons faites font | faisais ferai fait
dire      dis dis dit disons dites disent | disais dirai dit
lire      lis lis lit lisons lisez lisent | lisais lirai lu
écrire    écris écris écrit écrivons écrivez écrivent | écrivais écrirai écrit
boire     bois bois boit buvons buvez boivent | buvais boirai bu
croire    crois crois croit croyons croyez croient | croyais croirai cru
voir      vois vois voit voyons voyez voient | voyais verrai vu
savoir    sais sais sait savons savez savent | savais saurai su
devoir    dois dois doit devons devez doivent | devais devrai dû
pouvoir   peux peux peut pouvons pouvez peuvent | pouvais pourrai pu
vouloir   veux veux veut voulons voulez veulent | voulais voudrai voulu
prendre   prends prends prend prenons prenez prennent | prenais prendrai pris
apprendre apprends apprends apprend apprenons apprenez apprennent | apprenais apprendrai appris
comprendre comprends comprends comprend comprenons comprenez comprennent | comprenais comprendrai compris
mettre    mets mets met mettons mettez mettent | mettais mettrai mis
connaître connais connais connaît connaissons connaissez connaissent | connaissais connaîtrai connu
suivre    suis suis suit suivons suivez suivent | suivais suivrai suivi
vivre     vis vis vit vivons vivez vivent | vivais vivrai vécu
construire construis construis construit construisons construisez construisent | construisais construirai construit
conduire  conduis conduis conduit conduisons conduisez conduisent | conduisais conduirai conduit
peindre   peins peins peint peignons peignez peignent | peignais peindrai peint
partir    pars pars part partons partez partent | partais partirai parti
sortir    sors sors sort sortons sortez sortent | sortais sortirai sorti
dormir    dors dors dort dormons dormez dorment | dormais dormirai dormi
courir    cours cours court courons courez courent | courais courrai couru
mourir    meurs meurs meurt mourons mourez meurent | mourais mourrai mort
ouvrir    ouvre ouvres ouvre ouvrons ouvrez ouvrent | ouvrais ouvrirai ouvert
offrir    offre offres offre offrons offrez offrent | offrais offrirai offert
rire      ris ris rit rions riez rient | riais rirai ri
sourire   souris souris sourit sourions souriez sourient | souriais sourirai souri
parler    parle parles parle parlons parlez parlent | parlais parlerai parlé
manger    mange manges mange mangeons mangez mangent | mangeais mangerai mangé
nager     nage nages nage nageons nagez nagent | nageais nagerai nagé
commencer commence commences commence commençons commencez commencent | commençais commencerai commencé
acheter   achète achètes achète achetons achetez achètent | achetais achèterai acheté
lever     lève lèves lève levons levez lèvent | levais lèverai levé
préférer  préfère préfères préfère préférons préférez préfèrent | préférais préférerai préféré
espérer   espère espères espère espérons espérez espèrent | espérais espérerai espéré
appeler   appelle appelles appelle appelons appelez appellent | appelais appellerai appelé
essayer   essaie essaies essaie essayons essayez essaient | essayais essaierai essayé
envoyer   envoie envoies envoie envoyons envoyez envoient | envoyais enverrai envoyé
étudier   étudie étudies étudie étudions étudiez étudient | étudiais étudierai étudié
jouer     joue joues joue jouons jouez jouent | jouais jouerai joué
finir     finis finis finit finissons finissez finissent | finissais finirai fini
choisir   choisis choisis choisit choisissons choisissez choisissent | choisissais choisirai choisi
attendre  attends attends attend attendons attendez attendent | attendais attendrai attendu
vendre    vends vends vend vendons vendez vendent | vendais vendrai vendu
répondre  réponds réponds répond répondons répondez répondent | répondais répondrai répondu
""".strip().splitlines()


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row.split()[0])
def test_conjugation_matches_the_table(row):
    present, others = row.split("|")
    infinitive, *forms = present.split()
    imperfect, future, participle = others.split()
    tenses = french.conjugation(infinitive)
    assert list(tenses["present"]) == forms
    assert tenses["imperfect"][0] == imperfect
    assert tenses["future"][0] == future
    assert tenses["conditional"][0] == future + "s"
    assert french.past_participle(infinitive) == participle


def test_endings_of_the_other_persons():
    manger = french.conjugation("manger")
    assert manger["imperfect"] == ("mangeais", "mangeais", "mangeait", "mangions", "mangiez", "mangeaient")
    assert manger["future"] == ("mangerai", "mangeras", "mangera", "mangerons", "mangerez", "mangeront")
    assert manger["conditional"][3:] == ("mangerions", "mangeriez", "mangeraient")
    assert french.conjugation("commencer")["imperfect"][2:5] == ("commençait", "commencions", "commenciez")


def test_every_verb_of_the_lexicon_has_every_form():
    for verb in VERBS:
        tenses = french.conjugation(verb.infinitive)
        assert {len(forms) for forms in tenses.values()} == {6}
        assert tenses["present"][2] != "-"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("manger", "present", 1, False, False, "pas"), "ne mange pas"),
        (("aller", "perfect", 1, False, False), "suis allé"),
        (("aller", "perfect", 3, False, True), "est allée"),
        (("aller", "perfect", 3, True, True), "sont allées"),
        (("manger", "perfect", 3, True, True), "ont mangé"),
        (("manger", "perfect", 1, False, False, "pas"), "n'ai pas mangé"),
        (("manger", "perfect", 2, False, False, "jamais"), "n'avez jamais mangé"),
        (("manger", "pluperfect", 1, True, False), "avions mangé"),
        (("voir", "present", 1, False, False, "", "le"), "le vois"),
        (("aimer", "present", 1, False, False, "", "le"), "l'aime"),
        (("aimer", "present", 1, False, False, "pas", "la"), "ne l'aime pas"),
        (("chanter", "perfect", 3, False, False, "", "", "bien"), "a bien chanté"),
        (("manger", "near", 3, False, False, "pas", "le"), "ne va pas le manger"),
        (("avoir", "present", 3, False, False, "pas", "y"), "n'y a pas"),
    ],
)
def test_verb_group(arguments, words):
    assert french.verb_group(*arguments) == words


def test_participle_agrees_with_a_direct_object_before_it():
    assert french.verb_group("voir", "perfect", 1, False, False, clitic="la", agreement=(True, False)) == "l'ai vue"
    assert french.verb_group("voir", "perfect", 1, False, False, clitic="les", agreement=(False, True)) == "les ai vus"
    assert french.verb_group("prendre", "perfect", 1, False, False, agreement=(True, True)) == "ai prises"
    assert french.verb_group("prendre", "perfect", 1, False, False, agreement=(False, True)) == "ai pris"


def test_reflexive_verbs_take_etre_and_agree():
    assert french.verb_group("lever", "perfect", 3, False, True, reflexive=True) == "s'est levée"
    assert french.verb_group("lever", "present", 2, False, False, reflexive=True) == "vous levez"
    assert french.verb_group("lever", "perfect", 1, True, False, "pas", reflexive=True) == "ne nous sommes pas levés"


@pytest.mark.parametrize(
    ("text", "elided"),
    [
        ("je ai", "j'ai"),
        ("le ami", "l'ami"),
        ("la école", "l'école"),
        ("que il", "qu'il"),
        ("si il", "s'il"),
        ("si elle", "si elle"),
        ("si ils", "s'ils"),
        ("de Anna", "d'Anna"),
        ("ce est", "c'est"),
        ("le homme", "l'homme"),
        ("la hache", "la hache"),
        ("le haricot", "le haricot"),
        ("de huit", "de huit"),
        ("la Hongrie", "la Hongrie"),
        ("le hôpital", "l'hôpital"),
        ("que est-ce que elle", "qu'est-ce qu'elle"),
        ("parce que Paul", "parce que Paul"),
        ("belle année", "belle année"),
    ],
)
def test_elision(text, elided):
    assert french.elide(text) == elided


@pytest.mark.parametrize(
    ("preposition", "noun_phrase", "contracted"),
    [
        ("à", "le chat", "au chat"),
        ("à", "les chats", "aux chats"),
        ("à", "la gare", "à la gare"),
        ("à", "le hôtel", "à le hôtel"),
        ("de", "le chat", "du chat"),
        ("de", "les chats", "des chats"),
        ("de", "le ami", "de le ami"),
        ("de", "le haricot", "du haricot"),
        ("près de", "le pont", "près du pont"),
        ("dans", "le pont", "dans le pont"),
        ("à", "Paris", "à Paris"),
    ],
)
def test_contraction(preposition, noun_phrase, contracted):
    assert french.contract(preposition, noun_phrase) == contracted


def adjective(english):
    return next(word for word in ADJECTIVES if word.english == english)


@pytest.mark.parametrize(
    ("english", "forms"),
    [
        ("beautiful", "beau belle beaux belles bel"),
        ("old", "vieux vieille vieux vieilles vieil"),
        ("new", "nouveau nouvelle nouveaux nouvelles nouvel"),
        ("big", "grand grande grands grandes grand"),
        ("white", "blanc blanche blancs blanches blanc"),
        ("blue", "bleu bleue bleus bleues bleu"),
        ("long", "long longue longs longues long"),
        ("fresh", "frais fraîche frais fraîches frais"),
        ("good", "bon bonne bons bonnes bon"),
        ("happy", "heureux heureuse heureux heureuses heureux"),
        ("nice", "gentil gentille gentils gentilles gentil"),
        ("Italian", "italien italienne italiens italiennes italien"),
        ("red", "rouge rouge rouges rouges rouge"),
        ("proud", "fier fière fiers fières fier"),
        ("worried", "inquiet inquiète inquiets inquiètes inquiet"),
    ],
)
def test_adjectives_agree(english, forms):
    word = adjective(english)
    agreed = [french.agree(word, feminine, plural) for plural in (False, True) for feminine in (False, True)]
    assert " ".join([*agreed, french.agree(word, False, False, "arbre")]) == forms


def test_participles_agree():
    forms = [french.agree_participle("mis", feminine, plural) for plural in (False, True) for feminine in (False, True)]
    assert forms == ["mis", "mise", "mis", "mises"]
    assert french.agree_participle("dû", True, False) == "due"
