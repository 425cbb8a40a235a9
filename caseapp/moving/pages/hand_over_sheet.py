"""The sheet and the receipt that go with a person's own copy, in their language, in plain words.

Its words are constants, as in the hearing reminder sheet: they are not the words of the member's page.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from caseapp.moving.services.hand_over import STICK

SHEET_WORDS = {
    "en": {
        "title": "Your whole file",
        "what": "This is a copy of everything your lawyer's office has in your case. It is yours.",
        "paper": "It is on paper. Count the pages with us before you go.",
        "stick": "It is on this stick. It is locked with six words. Only these six words open it:",
        "open": "To open it you need a computer and the free program age. The file READ ME on the stick says how. "
        "A lawyer or a helper can do it with you.",
        "words": "Keep this page away from the stick. We do not have the six words: if you lose them, the stick cannot "
        "be opened. Come to us and we make another one.",
        "safe": "Keep your file safe. It says where you live and what happened to you. Do not carry it with you. "
        "If an officer asks for it, say: I want to speak with my lawyer first.",
        "keep": "We still keep our own copy, locked. We do not give it to others without asking you first.",
        "receipt": "Receipt",
        "got": "I got a copy of my whole file today.",
        "name": "Name",
        "signature": "Signature",
        "date": "Date",
    },
    "es": {
        "title": "Su expediente completo",
        "what": "Esta es una copia de todo lo que la oficina de su abogado tiene en su caso. Es suya.",
        "paper": "Está en papel. Cuente las páginas con nosotros antes de irse.",
        "stick": "Está en esta memoria USB. Está cerrada con seis palabras. Solo estas seis palabras la abren:",
        "open": "Para abrirla necesita una computadora y el programa gratuito age. El archivo LÉAME de la memoria dice "
        "cómo. Un abogado o alguien que le ayude puede hacerlo con usted.",
        "words": "Guarde esta hoja lejos de la memoria. Nosotros no tenemos las seis palabras: si las pierde, la "
        "memoria no se puede abrir. Venga y hacemos otra.",
        "safe": "Guarde bien su expediente. Dice dónde vive y qué le pasó. No lo lleve con usted. "
        "Si un agente se lo pide, diga: Primero quiero hablar con mi abogado.",
        "keep": "Nosotros guardamos nuestra propia copia, cerrada. No la damos a otros sin preguntarle antes.",
        "receipt": "Recibo",
        "got": "Hoy recibí una copia de mi expediente completo.",
        "name": "Nombre",
        "signature": "Firma",
        "date": "Fecha",
    },
    "fr": {
        "title": "Votre dossier complet",
        "what": "Ceci est une copie de tout ce que le bureau de votre avocat a dans votre dossier. Elle est à vous.",
        "paper": "Elle est sur papier. Comptez les pages avec nous avant de partir.",
        "stick": "Elle est sur cette clé USB. Elle est fermée avec six mots. Seuls ces six mots l'ouvrent :",
        "open": "Pour l'ouvrir, il faut un ordinateur et le programme gratuit age. Le fichier À LIRE de la clé dit "
        "comment faire. Un avocat ou une personne qui vous aide peut le faire avec vous.",
        "words": "Gardez cette page loin de la clé. Nous n'avons pas les six mots : si vous les perdez, la clé ne peut "
        "plus être ouverte. Venez nous voir et nous en ferons une autre.",
        "safe": "Gardez votre dossier en lieu sûr. Il dit où vous habitez et ce qui vous est arrivé. Ne le portez pas "
        "sur vous. Si un agent le demande, dites : Je veux d'abord parler à mon avocat.",
        "keep": "Nous gardons notre propre copie, fermée. Nous ne la donnons pas à d'autres sans vous demander avant.",
        "receipt": "Reçu",
        "got": "J'ai reçu aujourd'hui une copie de mon dossier complet.",
        "name": "Nom",
        "signature": "Signature",
        "date": "Date",
    },
}


@dataclass(frozen=True)
class HandOverSheet:
    """The printed sheet. `words` is empty for paper."""

    language: str
    texts: dict[str, str]
    office_name: str
    name: str
    ref: str
    on: date
    party: UUID
    how: str
    words: str

    @property
    def is_stick(self) -> bool:
        """Return whether the file is on a stick."""
        return self.how == STICK
