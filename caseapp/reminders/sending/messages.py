"""Constant texts of messages (shared ux, "Messages"): no name, case, court, date, place, office or product word.

They are constants and not translations, so that no mistake of a translator can make one of them reveal something.
"""

from typing import NamedTuple


class Message(NamedTuple):
    """Subject and body, the same for all recipients in a language."""

    subject: str
    body: str


_REMINDER = {
    "en": Message(
        "Check your list",
        "Please sign in as usual and check your list today. This comes on days with and without items, and has no link"
        " on purpose.",
    ),
    "es": Message(
        "Revise su lista",
        "Inicie sesión como de costumbre y revise su lista hoy. Este mensaje llega haya o no asuntos, y no lleva"
        " enlaces a propósito.",
    ),
    "fr": Message(
        "Consultez votre liste",
        "Connectez-vous comme d'habitude et consultez votre liste aujourd'hui. Ce message part même sans élément à"
        " traiter et ne contient volontairement aucun lien.",
    ),
}
_UNSEEN = {
    "en": Message(
        "Check your list",
        "Your list has not been checked. Please sign in today, or call a colleague if you cannot.",
    ),
    "es": Message(
        "Revise su lista",
        "Su lista no ha sido revisada. Inicie sesión hoy o llame a un colega si no puede.",
    ),
    "fr": Message(
        "Consultez votre liste",
        "Votre liste n'a pas été consultée. Connectez-vous aujourd'hui, ou appelez un collègue si vous ne pouvez pas.",
    ),
}
_SELF_TEST = {
    "en": Message("Self-test", "Self-test: reminders are running."),
    "es": Message("Prueba diaria", "Prueba diaria: los recordatorios funcionan."),
    "fr": Message("Test quotidien", "Test quotidien : les rappels fonctionnent."),
}
_ALARM = {
    "en": Message(
        "Reminders may not be going out", "Reminders may not be going out. Check the list on Today yourself."
    ),
    "es": Message(
        "Puede que los recordatorios no salgan", "Puede que los recordatorios no salgan. Revise usted la lista de hoy."
    ),
    "fr": Message(
        "Les rappels ne partent peut-être pas",
        "Les rappels ne partent peut-être pas. Consultez vous-même la liste du jour.",
    ),
}
_UNREACHED = {
    "en": Message(
        "A message did not arrive",
        "A message to a colleague did not arrive. Please sign in today and look at the page Reminders.",
    ),
    "es": Message(
        "Un mensaje no llegó",
        "Un mensaje a un colega no llegó. Inicie sesión hoy y consulte la página Recordatorios.",
    ),
    "fr": Message(
        "Un message n'est pas arrivé",
        "Un message à un collègue n'est pas arrivé. Connectez-vous aujourd'hui et consultez la page Rappels.",
    ),
}
_TEST = {
    "en": Message("Test", "Test: messages reach you here."),
    "es": Message("Prueba", "Prueba: los mensajes le llegan aquí."),
    "fr": Message("Test", "Test : les messages vous parviennent ici."),
}
_INVITATION = {
    "en": Message(
        "Invitation",
        "You were asked to join a work account. The link ends in 3 days. If you did not expect this, ignore it.",
    ),
    "es": Message(
        "Invitación",
        "Le invitaron a unirse a una cuenta de trabajo. El enlace vence en 3 días. Si no lo esperaba, ignore este"
        " mensaje.",
    ),
    "fr": Message(
        "Invitation",
        "On vous invite à rejoindre un compte professionnel. Le lien expire dans 3 jours. Si vous ne vous y attendiez"
        " pas, ignorez ce message.",
    ),
}
_RETURN = {
    "en": Message(
        "The link you asked for",
        "Here is the link you asked for. It ends in 3 days. If it was not you, do not open it and tell a colleague.",
    ),
    "es": Message(
        "El enlace que pidió",
        "Este es el enlace que pidió. Vence en 3 días. Si no fue usted, no lo abra y avise a un colega.",
    ),
    "fr": Message(
        "Le lien que vous avez demandé",
        "Voici le lien que vous avez demandé. Il expire dans 3 jours. Si ce n'était pas vous, ne l'ouvrez pas et"
        " prévenez un collègue.",
    ),
}
_NEW_SIGN_IN = {
    "en": Message(
        "Your account was opened in a new way",
        "Your account was opened in a new way. If it was not you, call your office now.",
    ),
    "es": Message(
        "Se accedió a su cuenta de una forma nueva",
        "Se accedió a su cuenta de una forma nueva. Si no fue usted, llame a su oficina ahora.",
    ),
    "fr": Message(
        "Votre compte a été ouvert d'une nouvelle manière",
        "Votre compte a été ouvert d'une nouvelle manière. Si ce n'était pas vous, appelez votre bureau maintenant.",
    ),
}
_TEXTS = {
    "new-way": _NEW_SIGN_IN,
    "return": _RETURN,
    "invitation": _INVITATION,
    "unseen": _UNSEEN,
    "reminder": _REMINDER,
    "urgent": _REMINDER,
    "self-test": _SELF_TEST,
    "alarm": _ALARM,
    "unreached": _UNREACHED,
    "test": _TEST,
}
# For telephones: one sentence, the same for a routine and an urgent day.
_SHORT = {
    "en": "Please check your list today.",
    "es": "Revise su lista hoy.",
    "fr": "Consultez votre liste aujourd'hui.",
}


def message_for(what: str, language: str) -> Message:
    """Return the text of a kind in a language; English if it does not exist in that language."""
    texts = _TEXTS[what]
    return texts.get(language, texts["en"])


def short_text_for(what: str, language: str) -> str:
    """Return the text for a gateway: the short reminder, or the body of any other kind."""
    if what in {"reminder", "urgent"}:
        return _SHORT.get(language, _SHORT["en"])
    return message_for(what, language).body
