"""Replies as clients write them: a STOP counts in any place of a short message, in seven languages; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.lib.text.stop_replies import is_stop

STOPS = """\
STOP
stop
Stop!
ＳＴＯＰ
stop please
Please stop
I said STOP
Stop texting me
can you stop texting me?
Please stop sending me these messages
End
quit
cancel please
Opt-out
OPTOUT
I want to opt out
Revoke
I revoke my consent
unsubscribe me please
don't text me
No more texts please
take me off the list
Alto, por favor
Hola, alto por favor
paren
ya no me escriban
no más mensajes
Quiero darme de baja
BAJA
basta
dejen de mandarme mensajes
cancelar
arre\u0302t
ARRET
Arrêtez de m\u2019écrire svp
Bonjour, stop merci
ne m'écrivez plus
désabonner
plus de SMS
sispann
Tanpri sispann voye mesaj
pa voye mesaj ankò
rete
pare
Parem por favor
não quero mais
sair
descadastrar
não me mande mensagens
para de mandar
توقف
أوقف الرسائل
لا ترسل لي رسائل
إلغاء الاشتراك
قف من فضلك
إيقـــاف
стоп
Стоп!
хватит писать
не пишите мне
отписаться
Прекратите, пожалуйста
🛑
🛑🛑
🚫
✋🏾
🙅🏽\u200d♀️""".splitlines()
OTHERS = """\
ok
1
👍
Thank you
Thanks, I will stop by tomorrow
Stop by at 5?
Can I stop by at 5?
stop by the store before you come here
I am at the bus stop
the last stop on the line
Where is the stop?
Which stop?
I will stop working in May
don't stop
nonstop
end of the month I move
cancel my coffee
cancel my appointment
They want to revoke my visa
✋ see you tomorrow at the court
es muy alto
mi hijo es alto
estoy de baja
para mañana
¿Para qué es la cita?
el fin de semana
no puedo ir
l'arrêt de bus est loin
je suis en arrêt maladie
à la fin du mois
m rete Miami
mwen rete nan Boston
kanpe la
para amanhã
posso sair cedo
parada de ônibus
نعم
شكرا
متى الموعد؟
لا أستطيع الحضور
не могу прийти
остановка автобуса
не надо
да""".splitlines()


@pytest.mark.parametrize("text", STOPS)
def test_a_reply_that_means_stop_counts(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", *OTHERS])
def test_another_reply_is_no_stop(text: str) -> None:
    assert not is_stop(text)


@given(st.sampled_from(STOPS), st.sampled_from(["", " ", "\n", "\u200e", "..."]), st.booleans())
def test_spaces_marks_and_capitals_change_nothing(text: str, around: str, is_upper: bool) -> None:
    assert is_stop(f"{around}{text.upper() if is_upper else text}{around}")


@given(st.text(max_size=500))
def test_any_text_is_judged(text: str) -> None:
    assert is_stop(text) in {True, False}
