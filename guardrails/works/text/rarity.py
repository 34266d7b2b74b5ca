"""What a word is worth when it is equal: little when it stands in every text.

A word's surprisal is taken from its rank among the common words of a language (Zipf's law) and
told in units of that of an average word, so that the words of a text are worth 1 on the average.
"""

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail
from guardrails.works.text.words import words

RARE = 1.4
"""What words are worth that are in no list."""
_FIRST, _SHIFT = 0.1, 1.7
"""A word of rank r, from zero, makes up 0.1 / (r + 1.7) of a text."""
_AVERAGE = 7.0
"""Surprisal of an average word of running text, in nats."""

_ENGLISH = """
the of and to a in was it he that i for her is be as his not had she with but you at on have by
from this all would they him were or so which been an are no one could there very will mr their
what more when said who my we if do them than has any me out mrs must only such up time much about
some now its into can well other did two first should little good how like being most own your
before man never then may might new know think over too after made even every am our see without
great these say nothing way many day again make long just here thought last where still people back
down himself go years herself always thing come though world us quite those old another take came
while ever through get off life also better upon same
"""
_GERMAN = """
die der und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine auch
als an nach wie im für man aber aus durch wenn nur war noch werden bei hat wir was wird sein einen
welche sind oder zur um haben einer mir über ihm diese einem ihr uns da zum kann doch vor dieser
mich ihn du hatte seine mehr am denn nun unter sehr selbst schon hier bis habe ihre dann ihnen
seiner alle wieder meine gegen vom ganz einzelnen wo muss ohne eines können
"""
_FRENCH = """
de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la
les avec son cette on ses mais comme ou si leur y dont elle deux même ces sa nous tout lui qu être
aux je c d l n s été sans peut tous fait bien aussi entre après dire avait depuis vous ils
"""
_SPANISH = """
de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me
si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde
está mi porque qué sólo han yo hay vez puede todos así nos ni parte tiene él uno donde bien
"""
_ITALIAN = """
di e il la che in a un è per non una i del si le da con sono della al come ma nel alla dei lo più
ha gli anche o mi se delle ci suo io era questo tutto lui dal essere sua quando ho ne cosa solo
"""
_PORTUGUESE = """
de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das seu sua
ou quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos ser tem foi
"""
_DUTCH = """
de van het een en in is dat op te zijn met voor niet aan er om ook dan maar bij of als nog uit ze
door naar ik heeft hij je worden werd over wordt we kan had hebben was deze die meer geen wel
"""
COMMON = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _PORTUGUESE, _DUTCH)
"""Common words of each language, the most common first."""


def weights(hashes: Detail) -> NDArray[np.float32]:
    """Weigh words by their hashes."""
    return _WEIGHTS[hashes]


def _table() -> NDArray[np.float32]:
    table = np.full(1 << 16, RARE, np.float32)
    for ranked in COMMON:
        hashes = words(ranked).hashes
        worth = -np.log(_FIRST / (np.arange(len(hashes)) + _SHIFT)) / _AVERAGE
        np.minimum.at(table, hashes, worth.astype(np.float32))
    return table


_WEIGHTS = _table()
