"""Replies to a text message that ask for no more messages, in the languages of clients and of the companies' lists.

English, Spanish, French, Haitian Creole, Portuguese, Arabic, Russian, and signs. A message that is missed keeps texts
going to a person who refused them; one that is taken by mistake is shown to the office, which can ask again.
"""

import re
import unicodedata
from collections.abc import Sequence

SHORT = 8  # words of a message in which a clear word counts in any place
SHORT_REQUEST = 14  # words of a message in which a clear word counts when messages are named next
NEAR = 3  # words after a clear word in which messages are named


def _words_of(text: str) -> tuple[str, ...]:
    """Return the words in small letters without accents, and the signs of SIGNS."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in _DROPPED)
    return tuple(re.findall(rf"[^\W\d_]+|[{_SIGNS}]", letters.translate(_SAME_LETTERS)))


def _word_set(text: str) -> frozenset[str]:
    return frozenset(_words_of(text))


def _phrases(texts: str) -> frozenset[tuple[str, ...]]:
    return frozenset(map(_words_of, texts.split("/")))


_SIGNS = "🛑🚫⛔🔕🙅✋❌"
_DROPPED = "'’ʼ`´\u0640\u200d\ufe0f"  # apostrophes, the Arabic stretch, joiners of emoji
_SAME_LETTERS = str.maketrans("ىةٱ", "يها")  # Arabic letters that are written for each other
# Ask for it in any place of a short message.
_CLEAR = _word_set(
    "stop stopall unsubscribe optout alto parar pare paren basta baja detengan arret arrete arretez arreter "
    "desabonner desabonnement desinscrire desinscription sispann dezabone parem descadastrar توقف توقفوا أوقف "
    "أوقفوا إيقاف قف ستوب стоп хватит отписаться отписка отпишите отпишись прекратите прекрати остановите "
    "отказываюсь 🛑🚫⛔🔕🙅"
)
# Begin other sentences too ("cancel my appointment", "m rete Miami"): they count with courtesies only.
_WEAK = _word_set(
    "cancel end quit revoke remove cancelar cancela para salir fin detener detenga resilier annuler rete kanpe "
    "anile ase sair chega remover إلغاء كفى أنهي отмена отказ ✋❌"
)
_PHRASES = _phrases(
    "opt out / opt me out / remove me / take me off / no more texts / no more messages / no more text / "
    "do not text / dont text / do not contact / dont contact / do not message / dont message / i revoke / "
    "revoke consent / revoke my consent / revoke permission / leave me alone / darme de baja / "
    "dar de baja / deme de baja / no mas / no mas "
    "mensajes / no me escriba / no me escriban / no me mande / no me manden / no me envie / no me envien "
    "/ no quiero mensajes / no quiero textos / no quiero mas / dejen de / deje de / plus de messages / "
    "plus de sms / ecrivez plus / mecrivez plus / envoyez plus / pa voye / pa ekri / pa kontakte / nao "
    "quero mais / nao envie / nao envie mais / nao mande / nao me mande / para de / الغاء الاشتراك / لا "
    "ترسل / لا ترسلوا / لا تراسلني / لا اريد رسائل / не пишите / не писать / не присылайте / не "
    "отправляйте / не надо писать"
)
_COURTESIES = _word_set(
    "please pls plz now thanks thank you hello hi hola por favor porfa gracias ya ahora bonjour merci sil vous "
    "plait svp tanpri souple mesi ola obrigado obrigada agora من فضلك لو سمحت شكرا رجاء пожалуйста спасибо "
    "сейчас"
)
_MESSAGES = _word_set(
    "text texts texting texte textes message messages messaging msg msgs sms sending contacting writing "
    "notifications reminders mensaje mensajes mensagens textos enviar enviando mandar escribir escribirme "
    "escrever envois envoyer mecrire ecrire mesaj voye ekri الرسائل رسائل ارسال рассылку рассылка сообщения "
    "смс писать присылать me mwen"
)
_NO_STOP_BEFORE = _word_set(
    "de la en bus train subway metro truck next last first my your the this that a an non dont not never will ill well "
    "id would cant cannot wont did didnt until till muy mas es esta tan salario nao no pa ne не нельзя "
    "остановка автобус"
)
_NO_STOP_AFTER = _word_set("by at in on over off for near sign light and here there worrying de du bus maladie en na")


def is_stop(text: str) -> bool:
    """Return whether a reply asks for no more messages."""
    words = _words_of(text)
    asked = [word for word in words if word not in _COURTESIES and word not in _MESSAGES]
    if asked and all(word in _CLEAR or word in _WEAK for word in asked) and len(words) <= SHORT:
        return True
    if len(words) <= SHORT and any(_contains(words, phrase) for phrase in _PHRASES):
        return True
    return any(_is_request(words, at, text) for at, word in enumerate(words) if word in _CLEAR)


def _contains(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))


def _is_request(words: Sequence[str], at: int, text: str) -> bool:
    """Return whether the clear word in this place asks for it: "stop texting me", but not "Stop by at 5?"."""
    if at and words[at - 1] in _NO_STOP_BEFORE:
        return False
    following = words[at + 1 : at + 1 + NEAR]
    if len(words) <= SHORT_REQUEST and any(word in _MESSAGES for word in following):
        return True
    if len(words) > SHORT or (following and following[0] in _NO_STOP_AFTER):
        return False
    return not re.search("[?؟¿]", text)
