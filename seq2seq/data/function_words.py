"""Which language text is in, among some that share a script: by their most frequent small words.

Weak on a line and sure on some hundreds: enough to see that two columns were exchanged or that a setting names another
language. Languages that are not listed are never guessed.
"""

import re
from collections.abc import Iterable
from itertools import chain, islice

_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is was that it for with as his he be not by but have are on which they from this "
        "had at my we you she her would there what if can an were been their your will do does don",
        "fr": "le la les de des du et est un une en que qui dans pour pas sur au aux il elle ne se ce cette je "
        "vous nous sont avec par plus l d qu c n j s ont été mais leur sa son ses ou être",
        "de": "der die das und ist in den von zu mit sich auf für nicht ein eine einer einem einen im dem des es "
        "ich sie er wir ihr auch an als war bei nach wird sind hat aus wie noch zum zur dass oder über",
        "es": "el la los las de del y que en un una es por con para no se su al lo como más pero sus le ha me si "
        "sin sobre este ya entre cuando muy está son fue yo él ella esta te qué",
        "it": "il lo la i gli le di del della dei delle e che in un una è per con non si su al alla da dal nel "
        "nella sono ha ho mi ma come più anche questo questa io lui lei suo sua l d dell all nell",
        "pt": "o a os as de do da dos das e que em um uma é para com não se no na nos nas por mais ao à como mas "
        "foi ele ela eu seu sua você está são ou quando muito isso este esta pelo pela",
        "ca": "el la els les de del dels i que en un una és per amb no es al als com més però seu seva aquest "
        "aquesta ha són li jo ell ella quan molt està d l s va vaig han pel",
        "ro": "și în de la cu pe nu a o un este că din pentru să se mai sunt au care ce lui fi am ai ei lor sau "
        "fost prin după cel cea această acest eu el ea mi ale al",
        "nl": "de het een en van in is dat op te zijn met voor niet aan er die hij ik om ook als maar bij of uit "
        "naar dan werd heeft ze wordt nog wel je we deze dit hebben was door",
        "sv": "och i att det som en på är av för med den till inte har de ett om jag han var hon men så från vi "
        "kan nu när eller sig sin du där ska vid också efter mot under",
        "da": "og i at det en på er af for med den til ikke har de et om jeg han var hun men så fra vi kan nu når "
        "eller sig sin du der skal ved også efter mod under hvad blev",
        "nb": "og i å det en på er av for med den til ikke har de et om jeg han var hun men så fra vi kan nå når "
        "eller seg sin du som skal ved også etter mot under hva ble",
        "fi": "ja on ei se että hän oli ovat en mutta kun tai joka minä sinä tämä myös ole niin kuin hänen ollut "
        "mitä jos sen vain olen minun sitä tässä siitä sekä",
        "pl": "i w nie na się z do to jest że o jak a po za od ale co dla tym przez tego są był była być ja on "
        "ona czy już tylko może ma jego jej ich ze mnie które który",
        "cs": "a v se na je že s z do to i o k pro ve jako za by jsou po od ale si ten jeho byl bylo byla který "
        "jsem není ze tak až nebo mu při jen co u které",
        "sk": "a v sa na je že s z do to i o k pre vo ako za by sú po od ale si ten jeho bol bolo bola ktorý som "
        "nie zo tak až alebo mu pri len čo u ktoré",
        "hu": "a az és hogy nem is egy ez meg de van csak ha volt mint el már még azt ki vagy be minden ami akkor "
        "én ő nagyon most kell lesz mert olyan le fel",
        "tr": "ve bir bu da de için ile o çok ne ben daha gibi var ama değil mi olarak kadar sonra en her olan "
        "sen biz ki ya şey mı onun bana beni yok",
    }.items()
}
_WEIGHTS = {
    word: 1 / sum(word in words for words in _WORDS.values()) for word in set(chain.from_iterable(_WORDS.values()))
}
_TOKEN = re.compile(r"[^\W\d_]+")
_MOST_TOKENS = 20_000  # judged: more change no share noticeably
_FEWEST_TOKENS = 300  # under this, chance decides which function words occur
SURE = 0.05  # of the tokens, at least, are words of the guessed language (those of several languages count in part)
_FACTOR = 2.0  # as many as of the language that was expected, and more


def scores(lines: Iterable[str]) -> dict[str, float]:
    """For each language known here, the share of its small words among all words; empty for too little text."""
    tokens = list(islice((token for line in lines for token in _TOKEN.findall(line.casefold())), _MOST_TOKENS))
    if len(tokens) < _FEWEST_TOKENS:
        return {}
    weighed = [(token, _WEIGHTS[token]) for token in tokens if token in _WEIGHTS]
    return {
        language: sum(weight for token, weight in weighed if token in words) / len(tokens)
        for language, words in _WORDS.items()
    }


def another_language(lines: Iterable[str], expected: str) -> str | None:
    """The language that text is in, if it is surely not the expected one.

    Args:
        lines: the text to judge, some hundreds of lines.
        expected: the code of the expected language, without script or region; None is the answer if it is unknown.
    """
    by_language = scores(lines)
    if expected not in by_language:
        return None
    best = max(by_language, key=lambda language: by_language[language])
    return best if by_language[best] >= max(SURE, _FACTOR * by_language[expected]) else None


def knows(language: str) -> bool:
    """Whether a language (ISO 639) is one of those that can be told by their small words."""
    return language in _WORDS
