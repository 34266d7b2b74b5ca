"""How streets, postcodes and titles of persons are written. Tables."""

from collections.abc import Sequence

_STREETS = (
    "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq"
    "|Terrace|Way|Highway|Hwy|Parkway|Pkwy|Crescent|Close|Circle|Cir|Trail|Trl|Alley|Row|Mews"
)
_LOW_STREETS = "street|avenue|road|lane|boulevard|st|ave|rd|blvd"
_GERMANIC = "straße|strasse|str\\.|weg|platz|allee|gasse|straat|laan|plein"
_FRENCH = "rue|avenue|boulevard|allée|chemin|impasse"
_BEFORE_NAME = (
    "Calle|C/|Avenida|Paseo|Plaza|Via|Viale|Piazza|Corso|Rua|Travessa|Ulica|ul\\.|aleja|al\\."
)
_BEHIND = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Floor|#)\b\.? ?#?\w{1,6})?"
_WORDS = r"(?:[^\W\d_][\w'\u2019.-]*[ ]?){1,4}"
_CAPITAL = r"(?:[A-Z][\w'.-]*|\d{1,3}(?:st|nd|rd|th))"
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
_BEGIN = r"(?<![\w.,-])"

STREETS: Sequence[tuple[str, float]] = (
    (rf"{_BEGIN}\d{{1,5}}[A-Za-z]?,? (?-i:{_CAPITAL} ){{1,4}}(?:{_STREETS})\b\.?{_BEHIND}", 0.75),
    (rf"{_BEGIN}\d{{2,5}} (?:[a-z]{{3,12}} ){{1,2}}(?:{_LOW_STREETS})\b{_BEHIND}", 0.55),
    (rf"(?<![\w-])(?-i:[A-ZÄÖÜ][\w-]*(?:{_GERMANIC})) \d{{1,4}}[a-z]?\b", 0.8),
    (rf"{_BEGIN}\d{{1,4}}(?: (?:bis|ter))?,? (?:{_FRENCH}) {_WORDS}", 0.6),
    (rf"(?<!\w)(?-i:(?:{_BEFORE_NAME})) ?{_WORDS},? ?(?:n\.? ?º? ?)?\d{{1,4}}\b", 0.7),
    (r"\bP\.? ?O\.? Box \d{1,6}\b", 0.7),
)

POSTCODES: Sequence[tuple[str, float]] = (
    (r"\b\d{5}(?:-\d{4})?\b", 0.2),
    (r"\b\d{4} ?[A-Z]{2}\b", 0.2),
    (r"\b\d{2}-\d{3}\b", 0.2),
    (r"\b\d{4}(?:-\d{3})?\b|\b\d{3} ?\d{2,3}\b|\b\d{5}-\d{3}\b", 0.15),
    (rf"(?-i:\b(?:{_STATES}),? )\K\d{{5}}(?:-\d{{4}})?\b", 0.7),
)
BEFORE_POSTCODES = (
    *("zip", "postcode", "post code", "postal", "plz", "postleitzahl", "code postal"),
    *("código postal", "cap", "cep"),
)

_TITLES = (
    r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Capt|Sgt|Lt|Mme|Mlle|Sra?|Srta|Sig|Dott|Dhr|Mevr|Msgr)\.?"
    "|Miss|Mister|Madam|Sir|Dame|Professor|Doctor|Herrn?|Frau|Monsieur|Madame|Mademoiselle"
    "|Señora?|Señorita|Signora?|Senhora?|Pani"
)

TITLES: Sequence[tuple[str, float]] = (
    (rf"(?<![\w.])(?-i:{_TITLES})(?= (?-i:[A-ZÀ-Þ]))", 0.7),
    (r"(?<![\w.])(?-i:(?:mr|mrs|dr|prof)\.?)(?= [a-z]{3})", 0.6),
    (r"(?<![\w.])(?-i:(?:MR|MRS|MS|DR|PROF)\.?)(?= (?-i:[A-Z]{2}))", 0.6),
)
