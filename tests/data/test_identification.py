import os
from itertools import islice
from pathlib import Path

import pytest

from seq2seq.data.identification import identify

SENTENCES = {
    "en": "The man was in the house and she had not seen that he would be there with his dog.",
    "fr": "L'homme était dans la maison et elle ne savait pas qu'il serait là avec son chien.",
    "pl": "Mężczyzna śpi w domu i nie wiedziała, że on tam będzie z psem, ale to było bardzo dobre.",
    "ru": "Мужчина спит в доме, и она не знала, что он там будет с собакой. Мы с вами согласны.",
    "uk": "Чоловік спить у будинку, і вона не знала, що він там буде з собакою. Ми її бачили.",
    "bg": "Мъжът спи в къщата и тя не знаеше, че той ще бъде там с кучето си.",
    "sr": "Човек спава у кући и она није знала да ће он бити тамо са својим псом, њен љубимац.",
    "be": "Мужчына спіць у доме, і яна не ведала, што ён там будзе з сабакам. Гэта было ў нас.",
    "ar": "الرجل ينام في البيت ولم تكن تعلم أنه سيكون هناك مع كلبه",
    "fa": "مرد در خانه می‌خوابد و او نمی‌دانست. پسر چه می‌گوید؟ گربه پیدا شد",
    "ur": "آدمی گھر میں سو رہا ہے اور اسے معلوم نہیں تھا کہ وہ وہاں اپنے کتے کے ساتھ ہوگا بڑا لڑکا",
    "hi": "आदमी घर में सो रहा है और उसे नहीं पता था कि वह वहाँ अपने कुत्ते के साथ होगा",
    "ja": "男の人が家で眠っている。彼女は彼が犬と一緒にそこにいることを知らなかった。",
    "zh": "一个人在房子里睡觉，她不知道他会带着他的狗在那里。",
    "ko": "남자가 집에서 자고 있고 그녀는 그가 개와 함께 거기에 있을 줄 몰랐다",
    "el": "Ο άντρας κοιμάται στο σπίτι και εκείνη δεν ήξερε ότι θα ήταν εκεί",
    "he": "האיש ישן בבית והיא לא ידעה שהוא יהיה שם עם הכלב שלו",
    "th": "ผู้ชายกำลังนอนหลับอยู่ในบ้านและเธอไม่รู้ว่าเขาจะอยู่ที่นั่น",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_language_is_told(language):
    assert identify([SENTENCES[language]] * 20) == language


@pytest.mark.parametrize(
    "lines",
    [[], ["2009", "!"] * 500, [SENTENCES["en"]], ["Mtu alikuwa nyumbani na hakuona kwamba angekuwa huko."] * 50],
    ids=["nothing", "no letters", "little text", "Swahili, whose small words are not known"],
)
def test_what_is_not_clear_is_not_guessed(lines):
    assert identify(lines) is None


@pytest.mark.data
@pytest.mark.skipif("SEQ2SEQ_DATA" not in os.environ, reason="SEQ2SEQ_DATA names no corpora")
def test_real_corpora_are_told():
    for path in sorted(Path(os.environ["SEQ2SEQ_DATA"]).glob("*/*.??")):
        with path.open(encoding="utf-8") as file:
            assert identify(list(islice(file, 300))) == path.suffix[1:], path
